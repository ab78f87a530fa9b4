package event

// Held is a document that is kept because something may still need it: a partial
// sequence that waits, a match that is to be told. Only its bytes are kept, or
// where they can be read again not even these; who needs its fields decodes them.
type Held struct {
	Raw     []byte // the document as it came, without white space around it; nil: it has to be read again
	Length  int32  // the bytes of the document, where Raw is nil
	Index   string
	ID      string // as given by the envelope, else event.id; "" = the hash of Raw, see Document
	Arrival uint64 // its place in the order of arrival
	Source  uint32 // the input it came from, as the reader numbers them

	// Refs counts who needs it. It belongs to the one goroutine that keeps state.
	Refs int32
}

// Document decodes it.
func (h *Held) Document() (*Document, error) {
	return Decode(h.Raw, Identity{Index: h.Index, ID: h.ID}, h.Arrival)
}
