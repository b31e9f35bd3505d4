# METADATA
# title: Names of projects that nobody outside should read
package guardrails.codenames

_codenames := {"bluefin", "kestrel"}

deny contains {"code": "codename-found", "message": "the prompt names a project that is not public"} if {
	some sent in input.messages
	some part in sent.parts
	some name in _codenames
	contains(lower(part.text), name)
}
