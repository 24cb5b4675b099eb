namespace Looper.Core;

/// <summary>A rule says no: nothing changed. The code is API and never renamed; the reason names the thing, says why, and says what to do.</summary>
/// <param name="Code"><c>noun.what-happened</c>, kebab-case.</param>
/// <param name="Reason">One or two sentences a person can act on.</param>
/// <param name="Field">Path of the field at fault (<c>outcomes[1].window</c>), or null when no field is.</param>
public sealed record Refusal(string Code, string Reason, string? Field = null)
{
    /// <summary>Every fault, when the whole was refused for several at once; else empty.</summary>
    public IReadOnlyList<Refusal> Faults { get; init; } = [];
}

/// <summary>Either a value or the refusal that stands in its place.</summary>
public readonly record struct Answered<T>(T? Value, Refusal? Refusal)
{
    public static implicit operator Answered<T>(T value) => new(value, null);
    public static implicit operator Answered<T>(Refusal refusal) => new(default, refusal);
}
