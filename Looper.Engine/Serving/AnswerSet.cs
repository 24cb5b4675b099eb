using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Serving;

/// <summary>What a decision is answered with: an option's index, a candidate's as sent, a number for <c>value</c>, or a configuration.</summary>
public readonly record struct Answer(int Option, double Value)
{
    /// <summary>Null for every other shape.</summary>
    public Configuration? Configuration { get; private init; }

    public static Answer Of(int option) => new(option, double.NaN);

    public static Answer Of(double value) => new(-1, value);

    public static Answer Of(Configuration configuration) => new(-1, double.NaN) { Configuration = configuration };
}

/// <summary>The answers that a blueprint version can give.</summary>
public sealed class AnswerSet
{
    private readonly ValueRange? _range;

    private AnswerSet(DecisionShape shape, ImmutableArray<string> options, ValueRange? range) => (Shape, Options, _range) = (shape, options, range);

    public DecisionShape Shape { get; }

    /// <summary>What a configuration consists of; empty for every other shape.</summary>
    public ImmutableArray<ConfigurationParameter> Parameters { get; private init; } = [];

    /// <summary>Keys in the order that option indexes mean; empty for <c>value</c> and <c>configuration</c>.</summary>
    public ImmutableArray<string> Options { get; }

    /// <summary>The options are candidates that come with each call.</summary>
    public bool TakesCandidates => Shape.TakesCandidates();

    public bool IsPick => Shape == DecisionShape.Pick;

    /// <summary>Places of a ranking that are shown; 0 for every other shape.</summary>
    public int Positions { get; private init; }

    /// <summary>Places of an answer that have a propensity, when there are as many candidates.</summary>
    internal int Places => IsPick ? CandidateSet.Max : Positions;

    /// <summary>Places that are drawn one after the other.</summary>
    internal int DrawnPlaces => IsPick ? 1 : Places;

    /// <summary>How many numbers a model's scores consist of.</summary>
    public int Scores => Shape == DecisionShape.Value ? 1 : Options.Length;

    public static Answered<AnswerSet> Of(BlueprintContent content)
    {
        if (content.Shape == DecisionShape.Value)
            return IsRange(content.Range) ? new AnswerSet(content.Shape, [], content.Range)
                : new Refusal("blueprint.invalid", "range: its ends are not finite numbers in order.", "range");
        if (content.Shape == DecisionShape.Configuration)
            return content.Parameters.IsDefaultOrEmpty || content.Parameters.Any(p => p?.Name is null || p.Values.IsDefault)
                ? new Refusal("blueprint.invalid", "parameters: a configuration needs at least one.", "parameters")
                : new AnswerSet(content.Shape, [], null) { Parameters = content.Parameters };
        if (content.Shape == DecisionShape.Ranking)
            return content.Positions is >= 1 and <= BlueprintContent.MostPositions ? new AnswerSet(content.Shape, [], null) { Positions = content.Positions.Value }
                : new Refusal("blueprint.invalid", $"positions: a ranking shows 1 to {BlueprintContent.MostPositions} places.", "positions");
        if (content.Shape.TakesCandidates()) return new AnswerSet(content.Shape, [], null);
        if (content.Shape == DecisionShape.Binary) return new AnswerSet(content.Shape, ["false", "true"], null);
        ImmutableArray<string> keys = [.. content.Options.Select(o => o.Key)];
        return keys.Length is < 1 or > DecisionWorkspace.MaxOptions || keys.Contains("") || keys.Distinct(StringComparer.Ordinal).Count() != keys.Length
            ? new Refusal("blueprint.invalid", $"options: give 1 to {DecisionWorkspace.MaxOptions} with different keys.", "options")
            : new AnswerSet(content.Shape, keys, null);
    }

    /// <summary>Null when the text is no answer here.</summary>
    public Answer? Parse(string text)
    {
        if (TakesCandidates) return text == DecisionShapes.AsSent ? Answer.Of(0) : null;
        if (Shape == DecisionShape.Configuration) return Configuration.Parse(text, Parameters, out _) is { } configuration ? Answer.Of(configuration) : null;
        if (Shape != DecisionShape.Value) return Options.IndexOf(text) is >= 0 and var option ? Answer.Of(option) : null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? Answer.Of(value) : null;
    }

    /// <summary>False for a value outside of the range.</summary>
    public bool Reaches(Answer answer) => Shape != DecisionShape.Value || Clamp(answer.Value) == answer.Value;

    internal double Clamp(double value) => Math.Min(Math.Max(value, _range?.Low ?? double.NegativeInfinity), _range?.High ?? double.PositiveInfinity);

    internal static Refusal NoAnswer(string field, string text) =>
        new("blueprint.invalid", $"{field}: '{text}' is no answer of this decision point. Name one of its options, a number for a value, or a value for every parameter of a configuration.", field);

    private static bool IsRange(ValueRange? range) =>
        range is null || (double.IsFinite(range.Low ?? 0) && double.IsFinite(range.High ?? 0) && !(range.Low > range.High));
}
