package guardrails.secrets_test

import data.guardrails.secrets

test_clean_text_passes if {
	count(secrets.deny) == 0 with input as {"stage": "request", "findings": []}
}

test_a_credential_is_refused if {
	found := {"stage": "request", "findings": [{"kind": "secret", "rule": "aws-access-key"}]}
	expected := {{"code": "secret-found", "message": "the request holds a aws-access-key"}}
	secrets.deny == expected with input as found
}

test_a_card_number_is_refused if {
	found := {"stage": "request", "findings": [{"kind": "card", "rule": "card"}]}
	expected := {{"code": "card-found", "message": "the request holds a card number"}}
	secrets.deny == expected with input as found
}

test_other_findings_pass if {
	found := {"stage": "request", "findings": [{"kind": "email", "rule": "email"}]}
	count(secrets.deny) == 0 with input as found
}
