using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>One difference between two contents, and what follows from it.</summary>
/// <param name="Section">What decision, what you send, what you measure, how to start.</param>
/// <param name="Field">The field in words: <c>feature country</c>, <c>window of revenue</c>.</param>
/// <param name="Old">Null where the field is new.</param>
/// <param name="New">Null where the field is gone.</param>
public sealed record BlueprintChange(string Section, string Field, string? Old, string? New, string Consequence);

/// <summary>Whether decisions logged under one version may train another.</summary>
/// <param name="Outcomes">Names of the outcomes whose examples may be used.</param>
/// <param name="InWords">One or two sentences; names what stands in the way.</param>
public sealed record Compatibility(bool Usable, ImmutableArray<string> Outcomes, string InWords)
{
    /// <summary>Data of <paramref name="older"/> for a model of <paramref name="newer"/>: the shape and options must agree, and the outcome's definition.</summary>
    public static Compatibility Of(BlueprintContent older, BlueprintContent newer) => throw new NotImplementedException();
}

/// <summary>What changed between two contents: by section and field, in words, and as lines of YAML.</summary>
public sealed record BlueprintDiff(ImmutableArray<BlueprintChange> Changes, Compatibility Compatibility, ImmutableArray<DiffLine> Yaml)
{
    public static BlueprintDiff Between(BlueprintContent older, BlueprintContent newer) => throw new NotImplementedException();

    /// <summary>In one line: <c>+2 features; weight of revenue 0.01 → 0.02</c>.</summary>
    public string InWords => throw new NotImplementedException();
}

/// <param name="Mark"><c>' '</c> as before, <c>'-'</c> gone, <c>'+'</c> new.</param>
public sealed record DiffLine(char Mark, string Text);
