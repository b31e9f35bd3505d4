package guardrails.secrets_test

import data.guardrails.secrets

test_clean_text_passes if {
	count(secrets.deny) == 0 with input as {"stage": "request", "findings": []}
}

test_a_credential_is_refused if {
	found := {"stage": "request", "findings": [{"kind": "secret", "rule": "aws-access-key"}]}
	secrets.deny == {{"code": "secret-found", "message": "the request holds a credential"}} with input as found
}
