package guardrails.outbound_test

import data.guardrails.outbound

_asked(labels, tokens, text) := {
	"principal": {"team": "red", "labels": labels},
	"params": {"max_tokens": tokens},
	"messages": [{"role": "user", "parts": [{"type": "text", "text": text}]}],
}

test_a_contractor_may_not_ask_for_a_long_answer if {
	expected := {{"code": "answer-too-long", "message": "contractors may ask for 1000 tokens at most"}}
	outbound.deny == expected with input as _asked({"employment": "contractor"}, 1001, "hello")
}

test_employees_may if {
	count(outbound.deny) == 0 with input as _asked({"employment": "staff"}, 9000, "hello")
}

test_internal_texts_stay_here if {
	codes := {found.code | some found in outbound.deny} with input as _asked({}, 10, "Classification: INTERNAL\n...")
	codes == {"internal-only"}
}
