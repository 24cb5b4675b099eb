using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>What a blueprint's models foretell of contexts that were served before, whoever answered them and however. Not thread safe.</summary>
public sealed class LoggedScores
{
    private readonly BlueprintSnapshot _blueprint;
    private readonly RowTranslation _rows;
    private readonly DecisionWorkspace _workspace = new();

    private LoggedScores(BlueprintSnapshot blueprint) => (_blueprint, _rows) = (blueprint, new(blueprint.Features));

    /// <param name="content">The blueprint.</param>
    /// <param name="models">Of the decision point, one an outcome.</param>
    /// <returns>Refused where it could not serve, or where these models score nothing.</returns>
    public static Answered<LoggedScores> Compile(BlueprintContent content, IEnumerable<ModelSource> models)
    {
        var compiled = LoggedContexts.Blueprint(content, models);
        if (compiled.Refusal is { } refusal) return refusal;
        return compiled.Value!.Scorer.IsReady ? new LoggedScores(compiled.Value) : new Refusal("model.unknown", "No model scores these contexts.");
    }

    /// <summary>The mean score of the options, or the predicted number; NaN where a model gives no answer.</summary>
    /// <param name="version">Of the blueprint that logged it: names the layout of <paramref name="served"/>.</param>
    /// <param name="then">Features of that version.</param>
    /// <param name="served">As logged.</param>
    public double Of(int version, ImmutableArray<Feature> then, ReadOnlySpan<byte> served)
    {
        _workspace.Clear();
        _rows.Translate(version, then, served, _workspace);
        if (!_blueprint.Scorer.Score(_workspace)) return double.NaN;
        _workspace.ScoreCount = _blueprint.Answers.Scores;
        var sum = 0.0;
        foreach (var score in _workspace.Scores) sum += score;
        return sum / _workspace.Scores.Length;
    }
}
