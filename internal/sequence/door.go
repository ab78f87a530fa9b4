package sequence

// door says whether a hit of a query is worth a look. Of many queries, nearly every
// hit begins nothing and finds nothing that waits, so these lie close together.
type door struct {
	// begins has a bit for each condition, by its number within the query modulo 64,
	// of which a hit counts where nothing is remembered of its key.
	begins uint64
	lanes  int32 // of the query
}

// begins is door.begins: the first stage, and what must not lie before it.
func (p *plan) begins() uint64 {
	if p.Sample {
		return ^uint64(0)
	}
	mask := uint64(0)
	for filter, bit := range p.bits {
		if bit < 0 {
			continue
		}
		if slot := p.slots[bit]; bit == p.stages[0] || slot >= 0 && p.keep[slot]&keepLeading != 0 {
			mask |= 1 << uint(filter&63) //nolint:gosec // not negative
		}
	}
	return mask
}
