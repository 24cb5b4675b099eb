using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.Samples;

public enum NoteKind
{
    Identifier,
    Personal,
    Sensitive,
    ManyValues,
    KnowsTheAnswer,
    NoInformation,
    Unclear,
    QuotedNumber,
}

public sealed record SampleNote(NoteKind Kind, string Text);

/// <summary>What one field of a pasted sample looks like. Values are never kept: only counts, and examples that are masked when personal.</summary>
/// <param name="Kind">The proposed type; the person decides.</param>
/// <param name="Use">Proposed as a feature.</param>
public sealed record SampledField(
    string Name, FeatureKind Kind, bool Use, ImmutableArray<string> Examples, int Distinct, int Missing, ImmutableArray<SampleNote> Notes)
{
    /// <summary>Numbers of a vector.</summary>
    public int? Dimension { get; init; }

    public Feature AsFeature() => new(Name, Kind) { Dimension = Kind == FeatureKind.Vector ? Dimension : null, IsPersonal = Notes.Any(n => n.Kind == NoteKind.Personal) };
}

/// <summary>What a pasted sample says about the features.</summary>
/// <param name="Format">What it was read as: JSON, JSON lines, curl, CSV.</param>
/// <param name="Rows">Rows read.</param>
/// <param name="Remark">Something about the whole, or null.</param>
public sealed record InferredSample(string Format, int Rows, ImmutableArray<SampledField> Fields, string? Remark);

/// <summary>What the draft knows already, so that a sample's fields can be judged against it.</summary>
public sealed record SampleContext(ImmutableArray<string> Outcomes, ImmutableArray<string> Options)
{
    /// <summary>The sample's rows are candidates: of a whole request, its candidates are read.</summary>
    public bool OfCandidates { get; init; }

    public static SampleContext Of(BlueprintContent content) => new([.. content.Outcomes.Select(o => o.Name)], [.. content.Options.Select(o => o.Key)]);
}
