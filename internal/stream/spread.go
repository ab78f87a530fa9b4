package stream

// spread finds places in time and among hosts for matches.
type spread struct {
	*dice
	hosts    []*host
	duration int64
	grain    int64 // how finely it looks, in nanoseconds
	first    int   // the host of the first match of a recipe
	taken    map[slot]*recipe
}

// slot is a short time of a host.
type slot struct {
	host int
	at   int64
}

func newSpread(s *scene, duration int64) *spread {
	grain := min(max(duration/4096, millisecond), second)
	return &spread{dice: s.dice, hosts: s.hosts, duration: duration, grain: grain, taken: map[slot]*recipe{}}
}

// place draws the k-th of n places of a recipe: in its part of the stream, one host
// after another. Where nothing else is planted is best, and where something of the
// same recipe is is worst: there may be no better place.
func (s *spread) place(c *recipe, k, n int) (*host, int64) {
	const enough = 20
	part := (s.duration - c.span) / int64(n)
	if k == 0 {
		s.first = s.below(len(s.hosts))
	}
	best, bestAt, bestRank := 0, int64(0), -1
	for try := range enough {
		h, at := (s.first+k)%len(s.hosts), int64(k)*part+int64(s.unit()*float64(part))
		if try >= enough/2 {
			h = s.below(len(s.hosts))
		}
		if r := s.rank(c, h, at); r > bestRank {
			best, bestAt, bestRank = h, at, r
		}
		if bestRank == rankFree {
			break
		}
	}
	for t := bestAt / s.grain; t <= (bestAt+c.span)/s.grain; t++ {
		s.taken[slot{best, t}] = c
	}
	return s.hosts[best], bestAt
}

// The ranks of a place, from the worst.
const (
	rankOwn = iota
	rankOther
	rankFree
)

func (s *spread) rank(c *recipe, h int, at int64) int {
	rank := rankFree
	for t := at / s.grain; t <= (at+c.span)/s.grain; t++ {
		switch s.taken[slot{h, t}] {
		case nil:
		case c:
			return rankOwn
		default:
			rank = rankOther
		}
	}
	return rank
}
