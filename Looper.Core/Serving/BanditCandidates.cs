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
        if (state?.IsOfCandidates != true || state.IsOfPlaces != (content.Shape == DecisionShape.Ranking)) return new BanditCandidates(policy, null, null, null, null);
        var columns = state.Design.Columns;
        return new BanditCandidates(policy, state.Design, new(columns, content.Features, []), new(columns, content.CandidateFeatures, []),
            SharedBandit.Of(state.Statistics, BanditKnowledge.SettingsOf(policy, BanditKnowledge.RangeOf(content))));
    }

    /// <summary>Writes what is expected of each candidate in the workspace, and how far from it may be.</summary>
    public void Score(DecisionWorkspace workspace)
    {
        var set = workspace.Candidates;
        set.HasScores = _bandit is not null;
        if (_bandit is null) return;
        var row = workspace.Row(_context!.Width);
        _context.Encode(workspace.Served, row);
        Span<double> x = stackalloc double[BanditDesign.MostWidth], scratch = stackalloc double[BanditDesign.MostWidth];
        x = x[.._design!.Width];
        var estimates = set.ScoreBuffer;
        var votes = set.VotesOf(_bandit.Voters);
        for (var i = 0; i < estimates.Length; i++)
        {
            _candidate!.EncodeOver(set.Served(i), row);
            _design.Write(row, x);
            estimates[i] = _bandit.Estimate(x);
            if (_bandit.AsksDoubt) set.Doubts[i] = _bandit.Doubt(x, scratch);
            _bandit.Vote(x, votes.Slice(i * _bandit.Voters, _bandit.Voters));
        }
    }

    /// <summary>Writes the exact chances of the next place. The budget holds at each: what goes to others than the best of those left.</summary>
    /// <param name="remaining">Who is not placed yet, the most preferred first.</param>
    /// <param name="shares">One per remaining, overwritten; sums to 1.</param>
    public void Distribute(Candidates.CandidateSet set, ReadOnlySpan<int> remaining, Span<double> shares)
    {
        if (_bandit is null) shares.Fill(1.0 / shares.Length);
        else _bandit.Distribute(remaining, set.ScoreBuffer, set.Doubts, set.VotesOf(_bandit.Voters), shares);
        if (_budget < 1) ExplorationRules.Hold(shares, 0, _budget, SharedBandit.EvenShare(_explore) / shares.Length);
    }
}
