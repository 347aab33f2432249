package v1

// get reads a field; without a struct it returns the zero value.
func get[S, T any](of *S, field func(*S) T) (value T) {
	if of != nil {
		value = field(of)
	}
	return value
}

// GetId is safe on nil.
func (x *Customer) GetId() string {
	return get(x, func(x *Customer) string { return x.Id })
}

// GetMail is safe on nil.
func (x *Customer) GetMail() string {
	return get(x, func(x *Customer) string { return x.Mail })
}

// GetPhone is safe on nil.
func (x *Customer) GetPhone() string {
	return get(x, func(x *Customer) string { return x.Phone })
}

// GetTags is safe on nil.
func (x *Customer) GetTags() []string {
	return get(x, func(x *Customer) []string { return x.Tags })
}

// GetLimit is safe on nil.
func (x *Customer) GetLimit() *Limit {
	return get(x, func(x *Customer) *Limit { return x.Limit })
}

// GetTrusted is safe on nil.
func (x *Customer) GetTrusted() bool {
	return get(x, func(x *Customer) bool { return x.Trusted })
}

// GetContact is safe on nil.
func (x *Customer) GetContact() *Contact {
	return get(x, func(x *Customer) *Contact { return x.Contact })
}

// GetId is safe on nil.
func (x *Basket) GetId() string {
	return get(x, func(x *Basket) string { return x.Id })
}

// GetOwner is safe on nil.
func (x *Basket) GetOwner() string {
	return get(x, func(x *Basket) string { return x.Owner })
}

// GetItems is safe on nil.
func (x *Basket) GetItems() []string {
	return get(x, func(x *Basket) []string { return x.Items })
}

// GetExtras is safe on nil.
func (x *Basket) GetExtras() []string {
	return get(x, func(x *Basket) []string { return x.Extras })
}

// GetGifts is safe on nil.
func (x *Basket) GetGifts() []string {
	return get(x, func(x *Basket) []string { return x.Gifts })
}

// GetWrapped is safe on nil.
func (x *Basket) GetWrapped() bool {
	return get(x, func(x *Basket) bool { return x.Wrapped })
}

// GetCents is safe on nil.
func (x *Limit) GetCents() int64 {
	return get(x, func(x *Limit) int64 { return x.Cents })
}

// GetPercent is safe on nil.
func (x *Limit) GetPercent() float64 {
	return get(x, func(x *Limit) float64 { return x.Percent })
}

// GetChannel is safe on nil.
func (x *Contact) GetChannel() Contact_Channel {
	return get(x, func(x *Contact) Contact_Channel { return x.Channel })
}

// GetLanguage is safe on nil.
func (x *Contact) GetLanguage() string {
	return get(x, func(x *Contact) string { return x.Language })
}
