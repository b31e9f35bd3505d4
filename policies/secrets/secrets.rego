# METADATA
# title: No credential goes out or comes back
# description: Refuses a request, and cuts an answer, in which a detector finds a credential.
package headgate.secrets

deny contains {"code": "secret-found", "message": message} if {
	some finding in input.findings
	finding.kind == "secret"
	message := sprintf("the %s holds a credential (%s)", [input.stage, finding.rule])
}
