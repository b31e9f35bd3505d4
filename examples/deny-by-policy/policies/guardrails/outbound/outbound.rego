# METADATA
# title: What contractors may ask for, and what may leave the company
package guardrails.outbound

_answer_tokens_max := 1000

deny contains {"code": "answer-too-long", "message": message} if {
	input.principal.labels.employment == "contractor"
	input.params.max_tokens > _answer_tokens_max
	message := sprintf("contractors may ask for %d tokens at most", [_answer_tokens_max])
}

deny contains {"code": "internal-only", "message": "a text marked internal may not leave the company"} if {
	some sent in input.messages
	some part in sent.parts
	contains(lower(part.text), "classification: internal")
}
