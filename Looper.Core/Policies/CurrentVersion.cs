using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.OffPolicy;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Policies;

/// <summary>The version that is served now, asked for the chance with which it would have given what was given: what a draft would replace. The log is
/// of more than that version alone where others, or arms of experiments, decided before.</summary>
internal sealed class CurrentVersion
{
    private readonly LoggedContexts? _contexts;
    private readonly LoggedCandidates? _candidates;
    private readonly VersionTable _versions;
    private readonly List<double> _chances = [];
    private readonly bool _asksNoModel;
    private (int Version, bool IsTold) _last = (-1, false);

    private CurrentVersion(int number, BlueprintContent content, LoggedContexts? contexts, LoggedCandidates? candidates, VersionTable versions) =>
        (Number, _asksNoModel, _contexts, _candidates, _versions) = (number, content.Policy is FixedPolicy or RandomPolicy or AsSentPolicy or TreePolicy, contexts, candidates, versions);

    public int Number { get; }

    /// <summary>Null where there is none to ask: none is published, it is what is judged, it cannot be compiled, or it learns as it goes (begun anew on the log it would know
    /// nothing of what it has learned, and look worse than it is).</summary>
    /// <param name="versions">Every version that may have logged; the highest is served.</param>
    /// <param name="models">Live ones of the decision point.</param>
    public static CurrentVersion? Of(BlueprintContent judged, IReadOnlyDictionary<int, BlueprintContent> versions, IReadOnlyCollection<ModelSource> models)
    {
        if (NumberOf(judged, versions) is not { } number || versions[number] is not { Policy: not BanditPolicy } content) return null;
        var table = new VersionTable(content, versions);
        return content.Shape.TakesCandidates()
            ? LoggedCandidates.Compile(content, models).Value is { } candidates ? new(number, content, null, candidates, table) : null
            : LoggedContexts.Compile(content, models).Value is { } contexts ? new(number, content, contexts, null, table) : null;
    }

    /// <summary>Number of the version that is served, asked or not; null where there is none, or it is what is judged.</summary>
    /// <inheritdoc cref="Of"/>
    public static int? NumberOf(BlueprintContent judged, IReadOnlyDictionary<int, BlueprintContent> versions) =>
        versions.Count > 0 && versions.Keys.Max() is var number && BlueprintJson.Write(versions[number]) != BlueprintJson.Write(judged) ? number : null;

    /// <summary>A decision among options that became a row.</summary>
    public void Choose(DecisionRecord decision, BlueprintContent then)
    {
        if (!Asks(decision)) return;
        Span<double> probabilities = stackalloc double[_contexts!.Options.Length];
        _contexts.Distribute(decision.BlueprintVersion, then.Features, decision.Served.Span, probabilities);
        var taken = _contexts.Options.IndexOf(then.Options[decision.Option].Key);
        _chances.Add(taken < 0 ? 0 : probabilities[taken]);
    }

    /// <summary>A pick that became a row.</summary>
    public void Pick(DecisionRecord decision, BlueprintContent then, ServedCandidates sent)
    {
        if (!Asks(decision)) return;
        Span<double> shares = stackalloc double[sent.Count];
        _candidates!.Distribute(decision.BlueprintVersion, then, decision.Served.Span, sent, shares);
        _chances.Add(shares[decision.Option]);
    }

    /// <summary>A ranking: writes the chance of each place's candidate given those above it. NaN for a version whose rows mean something else to it.</summary>
    public void Rank(DecisionRecord decision, BlueprintContent then, ServedCandidates sent, Span<double> chances)
    {
        if (!IsTold(decision.BlueprintVersion)) chances.Fill(double.NaN);
        else _candidates!.Judge(decision.BlueprintVersion, then, decision.Served.Span, sent, chances);
    }

    /// <summary>A place of a ranking that became a row.</summary>
    public void AddPlace(double chance) => _chances.Add(chance);

    /// <summary>The value of what is judged against this version's on the same decisions, as a fraction of it.</summary>
    /// <param name="served">The same against what was served: the answer where that was this version's alone.</param>
    /// <returns>Undefined where the log says too little of this version.</returns>
    public ChangeEstimate Against(LoggedRows rows, LoggedDecisions log, EstimatorFigures served, EstimatePlan plan)
    {
        double[] weights = [.. _chances.Select((chance, i) => chance / log.Propensity(i))];
        if (weights.Any(double.IsNaN)) return ChangeEstimate.Undefined;
        if (weights.All(w => Math.Abs(w - 1) < 1e-9)) return served.Relative;
        return WeightFigures.Of(weights, rows.Units).SaysLittle ? ChangeEstimate.Undefined : PolicyEstimates.One(rows with { Reference = weights }, plan, served.Name).Relative;
    }

    /// <summary>Rows of this version mean the same to the current one; those of one version follow each other.</summary>
    private bool IsTold(int version)
    {
        if (_last.Version != version) _last = (version, _versions.Find(version) is not null);
        return _last.IsTold;
    }

    /// <summary>False where the chance is known without asking, and added: what it drew itself, by no model that may be another now, has the propensity that it drew with.</summary>
    private bool Asks(DecisionRecord decision)
    {
        if (!IsTold(decision.BlueprintVersion)) _chances.Add(double.NaN);
        else if (_asksNoModel && decision.BlueprintVersion == Number && decision.ExperimentId is null) _chances.Add(decision.Propensity);
        else return true;
        return false;
    }
}
