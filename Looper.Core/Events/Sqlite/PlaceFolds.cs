using System.Collections.Immutable;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Events.Sqlite;

/// <summary>The places of one ranking that were drawn, each on its way to the outcomes of the candidate that stood there.</summary>
internal readonly struct PlaceFolds
{
    private readonly ServedCandidates? _candidates;
    private readonly OutcomeFold[] _folds;
    private readonly int _outcomes;

    private PlaceFolds(ServedCandidates candidates, int outcomes) => (_candidates, _outcomes, _folds) = (candidates, outcomes, new OutcomeFold[candidates.Drawn * outcomes]);

    /// <summary>None where the decision answered with no ranking.</summary>
    public static PlaceFolds Of(DecisionRecord decision, int outcomes) =>
        ServedCandidates.Read(decision.Candidates) is { IsRanking: true } candidates ? new(candidates, outcomes) : default;

    /// <summary>One observation that names the decision.</summary>
    public void Add(OutcomeJoin join, Statement observation, long from)
    {
        if (_candidates is null || join.CandidateOf(observation) is not { IsEmpty: false } id || _candidates.Find(id) is not (>= 0 and var candidate)) return;
        if (_candidates.PlaceOf(candidate) is var place && place < _candidates.Drawn) join.AddNamed(observation, from, _folds.AsSpan(place * _outcomes, _outcomes));
    }

    /// <param name="from">Start of the windows, in ticks.</param>
    public ImmutableArray<PlaceOutcomes> Describe(OutcomeJoin join, long from)
    {
        if (_candidates is null) return [];
        var places = new PlaceOutcomes[_candidates.Drawn];
        for (var place = 0; place < places.Length; place++)
        {
            var (values, soFar, _) = join.Describe(from, _folds.AsSpan(place * _outcomes, _outcomes));
            places[place] = new(values, soFar);
        }
        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(places);
    }
}
