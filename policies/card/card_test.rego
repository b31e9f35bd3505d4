package headgate.card_test

import data.headgate.card

test_refuses_a_card_number if {
	decisions := card.deny with input as {"stage": "request", "findings": [{"kind": "card", "rule": "card"}]}
	decisions == {{"code": "card-found", "message": "the request holds a payment card number"}}
}

test_lets_other_findings_pass if {
	count(card.deny) == 0 with input as {"stage": "request", "findings": [{"kind": "email", "rule": "email"}]}
}
