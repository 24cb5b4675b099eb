using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Serving;

/// <summary>What a bandit among candidates would do with calls of late if harm cost so and so much, as sums of rows.</summary>
/// <remarks>A pick is summed over its exact chances. Of a ranking, whose orders are too many, <see cref="Orders"/> of each call are drawn place by place, from the same numbers whatever
/// harm costs; at each place the sum is over the exact chances of those left, so what is drawn decides only who that is. A mean is one over the places shown.</remarks>
internal sealed class CandidateTrials
{
    /// <summary>Orders drawn of a call, where candidates are ranked.</summary>
    public const int Orders = 2;

    private readonly BanditCandidates _rule;
    private readonly SharedBandit _bandit;
    private readonly ImmutableArray<CandidatePenalty?> _costs;
    private readonly AsSentShare _asSent;
    private readonly ImmutableArray<ImmutableArray<double>> _effects;
    private readonly ImmutableArray<Call> _calls;
    private readonly int _width, _places;
    private readonly double _weight;

    private delegate void Chances(Call call, Span<int> remaining, Span<double> shares);

    /// <param name="state">What is known.</param>
    /// <param name="calls">Of each the rows of its candidates as sent; at least one.</param>
    /// <param name="reward">What is believed of the goal.</param>
    /// <param name="guards">What is believed of each guardrail; null where nothing is known of it.</param>
    public CandidateTrials(BanditState state, IReadOnlyList<double[]> calls, BlueprintContent content, BanditPolicy policy, OutcomeBelief? reward, ImmutableArray<OutcomeBelief?> guards)
    {
        _rule = BanditCandidates.Compile(policy, content, state with { Guards = state.Guards! with { Share = 1, Multipliers = [.. guards.Select(_ => 0.0)] } }).Value!;
        (_bandit, _width, _asSent) = (_rule.Bandit!, state.Design.Width, new(1, policy.Explore));
        _costs = [.. guards.Select(g => CandidatePenalty.Of([g], [1]))];
        _effects = [.. guards.Prepend(reward).Select(b => b?.Effects ?? [1])];
        _places = AsSentShare.Shown(content);
        var random = new Philox(calls.Count, "guarded-orders");
        _calls = [.. calls.Select(rows => new Call(rows, this, random))];
        _weight = 1.0 / (Paths * _calls.Sum(c => (double)c.Places));
        (Baseline, Left) = (Sum(AsSent), Sum(AsSentWithOthers));
    }

    /// <summary>Of the candidates as sent.</summary>
    public PolicySums Baseline { get; }

    /// <summary>Of the candidates as sent, and what is drawn evenly whatever is known.</summary>
    public PolicySums Left { get; }

    private int Paths => _places > 1 ? Orders : 1;

    /// <summary>Of what is believed best when harm costs these.</summary>
    /// <param name="multipliers">λ per guardrail.</param>
    public PolicySums Of(ImmutableArray<double> multipliers)
    {
        double[] estimates = [], votes = [], keys = [];
        Call? of = null;
        return Sum((call, remaining, shares) =>
        {
            if (of != call)
            {
                of = call;
                if (estimates.Length < call.Count) (estimates, keys, votes) = (new double[call.Count], new double[call.Count], new double[call.Count * _bandit.Voters]);
                call.Judge(multipliers, estimates, votes);
            }
            if (remaining.Length == call.Count) CandidatePolicy.Order(estimates, keys.AsSpan(0, call.Count), remaining);
            _rule.Believed(remaining, estimates, call.Doubts, votes, shares);
        });
    }

    private static void AsSent(Call call, Span<int> remaining, Span<double> shares)
    {
        shares.Clear();
        shares[AsSentShare.FirstOf(remaining)] = 1;
    }

    private void AsSentWithOthers(Call call, Span<int> remaining, Span<double> shares) => _asSent.Write(shares, remaining);

    private PolicySums Sum(Chances chances)
    {
        double[][] sums = [.. _effects.Select(_ => new double[_width])];
        var most = _calls.Max(c => c.Count);
        var (all, left, weights) = (new double[most], new int[most], new double[sums.Length * most]);
        foreach (var call in _calls)
        {
            Array.Clear(weights);
            for (var path = 0; path < Paths; path++)
            {
                var remaining = left.AsSpan(0, call.Count);
                for (var i = 0; i < remaining.Length; i++) remaining[i] = i;
                for (var place = 0; place < call.Places; place++)
                {
                    var shares = all.AsSpan(0, remaining.Length);
                    chances(call, remaining, shares);
                    for (var o = 0; o < sums.Length; o++)
                    {
                        var effect = _effects[o][Math.Min(PlaceEffects.BandOf(place), _effects[o].Length - 1)];
                        for (var i = 0; i < shares.Length; i++) weights[o * most + remaining[i]] += effect * shares[i];
                    }
                    if (place + 1 == call.Places) break;
                    var drawn = Assignment.Pick(call.Uniforms[path * _places + place], shares);
                    remaining[..drawn].CopyTo(remaining[1..]);
                    remaining = remaining[1..];
                }
            }
            for (var o = 0; o < sums.Length; o++)
                for (var i = 0; i < call.Count; i++)
                    if (weights[o * most + i] is > 0 and var weight) Vectors.AddScaled(sums[o], weight * _weight, call.Rows.AsSpan(i * _width, _width));
        }
        return new(sums[0], [.. sums[1..]]);
    }

    /// <summary>The candidates of one call, and what is believed of each before harm costs anything.</summary>
    private sealed class Call
    {
        private readonly CandidateTrials _of;
        private readonly double[] _estimates, _votes, _harms;

        public Call(double[] rows, CandidateTrials of, Philox random)
        {
            (Rows, _of, Count) = (rows, of, rows.Length / of._width);
            Places = Math.Min(of._places, Count);
            Uniforms = [.. Enumerable.Range(0, of.Paths * of._places).Select(_ => random.Uniform())];
            var (bandit, costs, scratch) = (of._bandit, of._costs, new double[of._width]);
            (_estimates, Doubts, _votes, _harms) = (new double[Count], new double[bandit.AsksDoubt ? Count : 0], new double[Count * bandit.Voters], new double[Count * costs.Length]);
            for (var i = 0; i < Count; i++)
            {
                var x = rows.AsSpan(i * of._width, of._width);
                _estimates[i] = bandit.Estimate(x);
                if (bandit.AsksDoubt) Doubts[i] = bandit.Doubt(x, scratch);
                bandit.Vote(x, _votes.AsSpan(i * bandit.Voters, bandit.Voters));
                for (var g = 0; g < costs.Length; g++) _harms[i * costs.Length + g] = costs[g]?.Of(x, i < of._places, scratch) ?? 0;
            }
        }

        public double[] Rows { get; }
        public int Count { get; }
        public int Places { get; }
        public double[] Uniforms { get; }
        public double[] Doubts { get; }

        public void Judge(ImmutableArray<double> multipliers, Span<double> estimates, Span<double> votes)
        {
            var (bandit, guards) = (_of._bandit, multipliers.Length);
            for (var i = 0; i < Count; i++)
            {
                var penalty = 0.0;
                for (var g = 0; g < guards; g++) penalty += multipliers[g] * _harms[i * guards + g];
                estimates[i] = _estimates[i] - penalty / bandit.Range;
                for (var m = i * bandit.Voters; m < (i + 1) * bandit.Voters; m++) votes[m] = _votes[m] - penalty;
            }
        }
    }
}
