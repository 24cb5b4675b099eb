using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving.Candidates;

/// <summary>A blueprint that picks among candidates or ranks them, asked what it would have done with those that were served before: rows of context and
/// candidates become its own, and the engine's own strategy gives the chances. Not thread safe.</summary>
public sealed class LoggedCandidates
{
    private readonly BlueprintContent _content;
    private readonly RowTranslation _contexts, _candidates;
    private readonly DecisionWorkspace _workspace = new();
    private CandidateStrategy _strategy;

    private LoggedCandidates(BlueprintContent content, BlueprintSnapshot blueprint) =>
        (_content, _strategy, _contexts, _candidates) = (content, blueprint.Candidates!, new(blueprint.Features), new(blueprint.CandidateFeatures));

    /// <inheritdoc cref="LoggedContexts.ModelNumber"/>
    public int ModelNumber => _strategy.ModelNumber;

    /// <inheritdoc cref="RowTranslation.NeverSeen"/>
    public ImmutableArray<string> NeverSeen => [.. _contexts.NeverSeen, .. _candidates.NeverSeen];

    /// <inheritdoc cref="RowTranslation.Lacked"/>
    public ImmutableArray<(string Name, double Share)> Lacked => [.. _contexts.Lacked, .. _candidates.Lacked];

    /// <inheritdoc cref="LoggedContexts.Compile"/>
    public static Answered<LoggedCandidates> Compile(BlueprintContent content, IEnumerable<ModelSource> models)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (!content.Shape.TakesCandidates()) return new Refusal("policy-value.no-candidates", "No candidates are sent here.");
        var compiled = LoggedContexts.Blueprint(content, models);
        return compiled.Refusal is { } refusal ? refusal : new LoggedCandidates(content, compiled.Value!);
    }

    /// <summary>From here on its bandit decides with this.</summary>
    public void Know(BanditState learned) => _strategy = _strategy.With(_content.Policy, _content, learned).Value!;

    /// <summary>Writes p(candidate | x) for candidates that were logged.</summary>
    /// <param name="version">Of the blueprint that logged them.</param>
    /// <param name="then">Its content.</param>
    /// <param name="served">The context as logged.</param>
    /// <param name="sent">The candidates as logged; at least one.</param>
    /// <param name="shares">One per candidate as sent, overwritten; sums to 1. The first for certain where the models give no answer.</param>
    public void Distribute(int version, BlueprintContent then, ReadOnlySpan<byte> served, ServedCandidates sent, Span<double> shares)
    {
        if (Read(version, then, served, sent))
        {
            _strategy.Judge(_workspace.Candidates, isPick: true, shares);
            return;
        }
        shares.Clear();
        shares[0] = 1;
    }

    /// <summary>Writes, for each place of a logged ranking that was drawn, p(the candidate that stood there | x, those above it). 1 or 0 by the order as
    /// sent where the models give no answer.</summary>
    /// <param name="chances">One per place drawn, overwritten.</param>
    /// <inheritdoc cref="Distribute"/>
    public void Judge(int version, BlueprintContent then, ReadOnlySpan<byte> served, ServedCandidates sent, Span<double> chances)
    {
        var isScored = Read(version, then, served, sent);
        var set = _workspace.Candidates;
        for (var place = 0; place < sent.Count; place++) set.OrderBuffer[place] = sent.At(place);
        if (isScored)
        {
            _strategy.Judge(set, isPick: false, chances);
            return;
        }
        for (var place = 0; place < chances.Length; place++) chances[place] = sent.At(place) == place ? 1 : 0;
    }

    /// <summary>False where the models give no answer.</summary>
    private bool Read(int version, BlueprintContent then, ReadOnlySpan<byte> served, ServedCandidates sent)
    {
        ArgumentNullException.ThrowIfNull(then);
        ArgumentNullException.ThrowIfNull(sent);
        _workspace.Clear();
        _contexts.Translate(version, then.Features, served, _workspace);
        var set = _workspace.Candidates;
        for (var i = 0; i < sent.Count; i++)
        {
            _candidates.Translate(version, then.CandidateFeatures, sent.Row(i), set.Row);
            set.Add(sent.Id(i), set.Row.Served);
        }
        set.AsSent(isPick: true, sent.Count);
        return _strategy.Score(_workspace);
    }
}
