package steer

route contains {"forbid": {"regions": ["eu"]}} if input.principal.team == "red"
