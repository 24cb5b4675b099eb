using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>
/// A blueprint compiled as it would serve, asked what it would have done with contexts that were served before: a row as another version
/// logged it becomes a row of this one, and the engine's own strategy gives the whole distribution. Not thread safe.
/// </summary>
public sealed class LoggedContexts
{
    private readonly BlueprintSnapshot _blueprint;
    private readonly RowTranslation _rows;
    private readonly DecisionWorkspace _workspace = new();

    private LoggedContexts(BlueprintSnapshot blueprint) => (_blueprint, _rows) = (blueprint, new(blueprint.Features));

    /// <summary>Keys in the order of the distribution.</summary>
    public ImmutableArray<string> Options => _blueprint.Answers.Options;

    /// <summary>Highest number among the models it would use; 0 where it asks none.</summary>
    public int ModelNumber => _blueprint.Strategy.UsesScores ? _blueprint.Scorer.ModelNumber : 0;

    /// <inheritdoc cref="RowTranslation.NeverSeen"/>
    public ImmutableArray<string> NeverSeen => [.. _rows.NeverSeen];

    /// <inheritdoc cref="RowTranslation.Lacked"/>
    public ImmutableArray<(string Name, double Share)> Lacked => [.. _rows.Lacked];

    /// <param name="content">The blueprint.</param>
    /// <param name="models">Live ones of the decision point.</param>
    /// <returns>Refused where it could not serve.</returns>
    public static Answered<LoggedContexts> Compile(BlueprintContent content, IEnumerable<ModelSource> models)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (!content.Shape.HasOptions())
            return new Refusal("policy-value.no-options", "The value of a policy is told where there are options to choose from.");
        var compiled = Blueprint(content, models);
        return compiled.Refusal is { } refusal ? refusal : new LoggedContexts(compiled.Value!);
    }

    /// <summary>Writes p(option | x) for a context that was logged.</summary>
    /// <param name="version">Of the blueprint that logged it: names the layout of <paramref name="served"/>.</param>
    /// <param name="then">Features of that version.</param>
    /// <param name="served">As logged.</param>
    /// <param name="probabilities">One per option, overwritten; sums to 1.</param>
    /// <returns>The option it would have drawn most of all, or −1 where a model gave no answer and the default would have been given.</returns>
    public int Distribute(int version, ImmutableArray<Feature> then, ReadOnlySpan<byte> served, Span<double> probabilities)
    {
        _workspace.Clear();
        _rows.Translate(version, then, served, _workspace);
        var scored = false;
        var verdict = _blueprint.Strategy.Evaluate(_blueprint, _workspace, ref scored);
        _workspace.Probabilities.CopyTo(probabilities);
        return verdict.Reason is Reason.DefaultError ? -1 : verdict.Preferred;
    }

    /// <summary>Refused where it could not serve.</summary>
    internal static Answered<BlueprintSnapshot> Blueprint(BlueprintContent content, IEnumerable<ModelSource> models)
    {
        var live = models.ToDictionary(m => m.Outcome, m => LiveModel.Of(m), StringComparer.Ordinal);
        var compiled = BlueprintSnapshot.Compile(0, content, live);
        return compiled.Refusal is { } refusal ? refusal : compiled.Value!.Fault is { } fault ? fault : compiled.Value;
    }
}
