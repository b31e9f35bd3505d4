package guardrails.outbound

deny contains {"code": "wrong-team", "message": "not you"} if {
	input.principal.teem == "red"
}

deny contains {"code": "not-listed", "message": "not this one"} if {
	answer := http.send({"method": "GET", "url": "https://list.corp.example"})
	answer.status_code != 200
}

deny contains {"code": "too-long", "message": "too long"} if {
	lenght(input.messages) > 10
}
