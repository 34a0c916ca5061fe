package flow

// Kept returns how many bytes of text a Conn holds on to.
func Kept(c *Conn) int { return maxText - c.budget }

// Check is a row of the table of checks.
type Check struct {
	Slug     string
	V311, V5 []string
}

// Checks lists the table of checks.
func Checks() []Check {
	var list []Check
	for _, c := range checks {
		list = append(list, Check{c.slug, []string{c.v311.client, c.v311.server}, []string{c.v5.client, c.v5.server}})
	}
	return list
}
