package headgate.redact_test

import data.headgate.redact

finding := {"kind": "card", "rule": "card", "ptr": "/messages/0/content", "start": 3, "end": 19}

test_replaces_each_finding if {
	decisions := redact.redact with input as {"findings": [finding]}
	decisions == {{"ptr": "/messages/0/content", "start": 3, "end": 19, "with": "[card]"}}
}

test_leaves_a_clean_text if {
	count(redact.redact) == 0 with input as {"findings": []}
}
