package guardrails.guard

deny contains {"code": "word", "message": "a word"} if {
	some message in input.messages
	some part in message.parts
	contains(part.text, "word")
}
