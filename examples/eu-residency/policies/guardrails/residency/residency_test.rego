package guardrails.residency_test

import data.guardrails.residency

test_an_eu_team_may_not_go_to_the_us if {
	asked := {"principal": {"team": "berlin", "labels": {"residency": "eu"}}}
	residency.route == {{"forbid": {"regions": ["us"]}}} with input as asked
}

test_other_teams_go_anywhere if {
	asked := {"principal": {"team": "boston", "labels": {"residency": "us"}}}
	count(residency.route) == 0 with input as asked
}
