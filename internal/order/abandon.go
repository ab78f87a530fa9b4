package order

// Abandon gives nothing more and removes the temporary file. Close then does
// nothing.
func (o *Orderer) Abandon() {
	if !o.closed {
		o.closed = true
		o.drop()
	}
}
