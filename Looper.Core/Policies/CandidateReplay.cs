using System.Collections.Immutable;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning.Bandits;
using Looper.Core.Models;
using Looper.Core.Serving;

namespace Looper.Core.Policies;

/// <summary>What a bandit among candidates would have known before each logged decision, had it learned from the log as it went.</summary>
/// <remarks>As <see cref="BanditReplay"/>: what is known comes from decisions alone whose windows were closed by then, so the weights are those of a policy that was fixed before the
/// answer was drawn, and each term is unbiased. Candidates are judged as they are read and are not kept; kept is the one that was answered, or each that was shown. Its design too is made
/// from what was known by then: at first, and when there are three times as many decisions. Guardrails are looked at on the calls that had come by then, whatever came of them.</remarks>
internal sealed class CandidateReplay
{
    private const int FewestNew = 10;
    private const double Growth = 1.02, GuardedGrowth = 1.1, WholeGrowth = 3;

    private readonly BlueprintContent _content;
    private readonly double _growth;
    private readonly RewardedDecisions _read;
    private readonly ImmutableArray<int> _outcomes;
    private readonly ImmutableArray<string> _options;
    private readonly TimeSpan _window;
    private BanditDesign? _design;
    private BanditStatistics _statistics = null!;
    private BanditGuards? _guards;
    private int _closed, _decisions, _added, _whole;

    /// <param name="outcomes">Those that examples come with; the goal's are among them.</param>
    public CandidateReplay(BlueprintContent content, VersionTable versions, ImmutableArray<Outcome> outcomes)
    {
        (_content, _growth) = (content, content.Goal.Guardrails.IsEmpty ? Growth : GuardedGrowth);
        var goal = BanditReward.OutcomesOf(content);
        (_read, _outcomes, _window) = (new(content, versions, null), [.. goal.Select(o => outcomes.IndexOf(o))], goal.Select(o => o.Window).DefaultIfEmpty().Max());
        _options = content.Shape == DecisionShape.Pick ? BanditState.OfCandidates : BanditState.OfPlaces(content.Positions ?? 1);
    }

    /// <summary>Decisions that it had learned from at the end.</summary>
    public int Learned { get; private set; }

    /// <summary>What is known before a decision; null where that is what was known before the last.</summary>
    /// <param name="at">Its time; not before that of the last.</param>
    public BanditState? Before(DateTimeOffset at)
    {
        for (var known = at - _window; _closed < _read.Count && _read.Time(_closed) <= known; _closed++)
            if (_read.IsFirst(_closed)) _decisions++;
        if (_decisions < BanditKnowledge.FewestRewards || _decisions < Learned + FewestNew || _decisions < Learned * _growth) return null;
        if (_design is null || _decisions >= WholeGrowth * _whole)
        {
            (_design, _added, _whole) = (_read.Design(_closed), 0, _decisions);
            _statistics = new(_options.Length, _design.Width);
            _guards = BanditGuarding.Beginning(_content, AnswerSet.Of(_content).Value!, _options, _design.Width);
        }
        _read.Each(_design, _added, _closed, (i, x) => _read.AddTo(_statistics, _guards, i, x), default);
        (_added, Learned) = (_closed, _decisions);
        var state = new BanditState(_options, _design, _statistics, null) { Guards = _guards };
        return _guards is null ? state : BanditGuarding.Guard(state, _read.Contexts(_design, default), _content, (BanditPolicy)_content.Policy).State;
    }

    /// <summary>Takes in a decision, once it has been judged.</summary>
    public void Add(Example example) => _read.Add(example with
    {
        Values = [.. _outcomes.Select(o => example.Values[o])], SoFar = [.. _outcomes.Select(o => example.SoFar[o])], Closed = [.. _outcomes.Select(o => example.Closed[o])],
        Places = [.. example.Places.Select(p => new PlaceOutcomes([.. _outcomes.Select(o => p.Values[o])], [.. _outcomes.Select(o => p.SoFar[o])]))],
    });
}
