package replay

// Held counts what j keeps.
func (j *Journal) Held() (checkpoints, things, notes int) {
	for _, c := range j.checkpoints {
		things += c.things
	}
	return len(j.checkpoints), things, len(j.notes)
}
