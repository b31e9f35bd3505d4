# METADATA
# title: No payment card number goes out or comes back
# description: Refuses a request, and cuts an answer, in which a detector finds a card number.
package headgate.card

deny contains {"code": "card-found", "message": message} if {
	some finding in input.findings
	finding.kind == "card"
	message := sprintf("the %s holds a payment card number", [input.stage])
}
