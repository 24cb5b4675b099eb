using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>A bandit among candidates as published, for one blueprint version: context and candidates as served → the exact chance of each.</summary>
internal sealed class BanditCandidates
{
    private readonly BanditDesign? _design;
    private readonly ModelEncoder? _context, _candidate;
    private readonly SharedBandit? _bandit;
    private readonly double _explore, _budget;

    private BanditCandidates(BanditPolicy policy, BanditDesign? design, ModelEncoder? context, ModelEncoder? candidate, SharedBandit? bandit)
    {
        (_design, _context, _candidate, _bandit) = (design, context, candidate, bandit);
        (_explore, _budget) = (policy.Explore, policy.Budget ?? 1);
    }

    /// <summary>Something is preferred: what is believed best, or, where nothing is known, the first one sent by a budget.</summary>
    public bool Prefers => _bandit is not null || _budget < 1;

    /// <summary>Refused where the policy cannot be served for candidates.</summary>
    public static Answered<BanditCandidates> Compile(BanditPolicy policy, BlueprintContent content, BanditState? state)
    {
        if ((BanditCheck.Fault(policy, "policy") ?? BanditCheck.FaultOfCandidates(policy, content, "policy")) is { } bad) return bad;
        if (state is null || !state.Options.SequenceEqual(BanditState.OfCandidates)) return new BanditCandidates(policy, null, null, null, null);
        var columns = state.Design.Columns;
        return new BanditCandidates(policy, state.Design, new(columns, content.Features, []), new(columns, content.CandidateFeatures, []),
            SharedBandit.Of(state.Statistics, BanditKnowledge.SettingsOf(policy, BanditKnowledge.RangeOf(content))));
    }

    /// <summary>Writes the estimates and the chances of the candidates in the workspace.</summary>
    public void Score(DecisionWorkspace workspace)
    {
        var set = workspace.Candidates;
        var chances = set.Chances.AsSpan(0, set.Count);
        set.HasScores = _bandit is not null;
        var best = 0;
        if (_bandit is null) chances.Fill(1.0 / chances.Length);
        else best = Estimate(workspace, set, chances);
        if (_budget < 1) ExplorationRules.Hold(chances, best, _budget, SharedBandit.EvenShare(_explore) / chances.Length);
    }

    private int Estimate(DecisionWorkspace workspace, Candidates.CandidateSet set, Span<double> chances)
    {
        var row = workspace.Row(_context!.Width);
        _context.Encode(workspace.Served, row);
        Span<double> x = stackalloc double[BanditDesign.MostWidth], scratch = stackalloc double[BanditDesign.MostWidth], highest = stackalloc double[SharedBandit.Draws];
        Span<int> leaders = stackalloc int[SharedBandit.Draws];
        x = x[.._design!.Width];
        highest = highest[.._bandit!.Voters];
        leaders = leaders[.._bandit.Voters];
        highest.Fill(double.NegativeInfinity);
        leaders.Clear();
        var estimates = set.ScoreBuffer;
        var doubts = set.Shares.AsSpan(0, set.Count);
        for (var i = 0; i < estimates.Length; i++)
        {
            _candidate!.EncodeOver(set.Served(i), row);
            _design.Write(row, x);
            estimates[i] = _bandit.Estimate(x);
            if (_bandit.AsksDoubt) doubts[i] = _bandit.Doubt(x, scratch);
            _bandit.Vote(x, i, highest, leaders);
        }
        return _bandit.Distribute(estimates, doubts, leaders, chances);
    }
}
