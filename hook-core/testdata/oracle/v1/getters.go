package v1

// get reads a field, which is zero where there is no struct.
func get[S, T any](of *S, field func(*S) T) (value T) {
	if of != nil {
		value = field(of)
	}
	return value
}

// GetId is safe on nil.
func (x *Repo) GetId() string {
	return get(x, func(x *Repo) string { return x.Id })
}

// GetUri is safe on nil.
func (x *Repo) GetUri() string {
	return get(x, func(x *Repo) string { return x.Uri })
}

// GetGuid is safe on nil.
func (x *Repo) GetGuid() string {
	return get(x, func(x *Repo) string { return x.Guid })
}

// GetPassword is safe on nil.
func (x *Repo) GetPassword() string {
	return get(x, func(x *Repo) string { return x.Password })
}

// GetEnv is safe on nil.
func (x *Repo) GetEnv() []string {
	return get(x, func(x *Repo) []string { return x.Env })
}

// GetFlags is safe on nil.
func (x *Repo) GetFlags() []string {
	return get(x, func(x *Repo) []string { return x.Flags })
}

// GetPrunePolicy is safe on nil.
func (x *Repo) GetPrunePolicy() *PrunePolicy {
	return get(x, func(x *Repo) *PrunePolicy { return x.PrunePolicy })
}

// GetAutoUnlock is safe on nil.
func (x *Repo) GetAutoUnlock() bool {
	return get(x, func(x *Repo) bool { return x.AutoUnlock })
}

// GetAutoInitialize is safe on nil.
func (x *Repo) GetAutoInitialize() bool {
	return get(x, func(x *Repo) bool { return x.AutoInitialize })
}

// GetShared is safe on nil.
func (x *Repo) GetShared() bool {
	return get(x, func(x *Repo) bool { return x.Shared })
}

// GetCommandPrefix is safe on nil.
func (x *Repo) GetCommandPrefix() *CommandPrefix {
	return get(x, func(x *Repo) *CommandPrefix { return x.CommandPrefix })
}

// GetOriginInstanceId is safe on nil.
func (x *Repo) GetOriginInstanceId() string {
	return get(x, func(x *Repo) string { return x.OriginInstanceId })
}

// GetId is safe on nil.
func (x *Plan) GetId() string {
	return get(x, func(x *Plan) string { return x.Id })
}

// GetRepo is safe on nil.
func (x *Plan) GetRepo() string {
	return get(x, func(x *Plan) string { return x.Repo })
}

// GetPaths is safe on nil.
func (x *Plan) GetPaths() []string {
	return get(x, func(x *Plan) []string { return x.Paths })
}

// GetExcludes is safe on nil.
func (x *Plan) GetExcludes() []string {
	return get(x, func(x *Plan) []string { return x.Excludes })
}

// GetIexcludes is safe on nil.
func (x *Plan) GetIexcludes() []string {
	return get(x, func(x *Plan) []string { return x.Iexcludes })
}

// GetBackupFlags is safe on nil.
func (x *Plan) GetBackupFlags() []string {
	return get(x, func(x *Plan) []string { return x.BackupFlags })
}

// GetSkipIfUnchanged is safe on nil.
func (x *Plan) GetSkipIfUnchanged() bool {
	return get(x, func(x *Plan) bool { return x.SkipIfUnchanged })
}

// GetMaxUnusedBytes is safe on nil.
func (x *PrunePolicy) GetMaxUnusedBytes() int64 {
	return get(x, func(x *PrunePolicy) int64 { return x.MaxUnusedBytes })
}

// GetMaxUnusedPercent is safe on nil.
func (x *PrunePolicy) GetMaxUnusedPercent() float64 {
	return get(x, func(x *PrunePolicy) float64 { return x.MaxUnusedPercent })
}

// GetIoNice is safe on nil.
func (x *CommandPrefix) GetIoNice() CommandPrefix_IONiceLevel {
	return get(x, func(x *CommandPrefix) CommandPrefix_IONiceLevel { return x.IoNice })
}

// GetCpuNice is safe on nil.
func (x *CommandPrefix) GetCpuNice() CommandPrefix_CPUNiceLevel {
	return get(x, func(x *CommandPrefix) CommandPrefix_CPUNiceLevel { return x.CpuNice })
}
