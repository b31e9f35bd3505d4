package headgate.secrets_test

import data.headgate.secrets

test_refuses_a_credential if {
	decisions := secrets.deny with input as {
		"stage": "request",
		"findings": [{"kind": "secret", "rule": "aws-access-key"}],
	}
	decisions == {{"code": "secret-found", "message": "the request holds a credential (aws-access-key)"}}
}

test_says_each_form_once if {
	decisions := secrets.deny with input as {
		"stage": "response",
		"findings": [{"kind": "secret", "rule": "jwt"}, {"kind": "secret", "rule": "jwt"}],
	}
	count(decisions) == 1
}

test_lets_other_findings_pass if {
	count(secrets.deny) == 0 with input as {"stage": "request", "findings": [{"kind": "card", "rule": "card"}]}
}

test_lets_a_clean_text_pass if {
	count(secrets.deny) == 0 with input as {"stage": "request", "findings": []}
}
