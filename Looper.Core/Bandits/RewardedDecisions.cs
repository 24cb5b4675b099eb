using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Models;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Bandits;

/// <summary>Decisions whose goal is known, in the order of time, as a bandit learns from them.</summary>
/// <remarks>A decision counts once every window of the goal and its guardrails is closed: rewards that came early would make what is quick look good. One with an unknown
/// outcome says nothing and is left out, as is one for an option that is gone, a tester's, and a fallback: what was answered while nothing worked says
/// little about when it does. A ranking gives a row for each place that was shown, with what was reported of the candidate there.</remarks>
internal sealed class RewardedDecisions
{
    private const int MostDesignRows = 20_000;
    private const int BlockRows = 10_000;
    private const int MostPlaces = 500_000; // of rankings, when learning from the beginning

    private readonly BlueprintContent _content;
    private readonly VersionTable _versions;
    private readonly BanditReward _reward;
    private readonly ExampleReading _reading;
    private readonly BanditArm? _arm;
    private readonly double[] _labels;
    private readonly List<int> _rows = [];
    private readonly ImmutableArray<int> _guardrails;
    private readonly List<double> _rewards = [];
    private readonly List<double> _harms = [];
    private readonly List<ulong> _units = []; // hashes, where guardrails ask for them
    private readonly List<bool> _explored = [], _own = [];
    private readonly List<string> _candidates = [];
    private readonly List<int> _places = [];
    private readonly List<bool> _first = [];
    private readonly double _unseen;
    private readonly ImmutableArray<double> _unseenHarms;
    private readonly Queue<DecisionRecord> _calls = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <param name="arm">Only its decisions; null for all.</param>
    public RewardedDecisions(BlueprintContent content, VersionTable versions, BanditArm? arm)
    {
        (_content, _versions, _arm) = (content, versions, arm);
        _reward = new(content);
        _guardrails = [.. BanditGuarding.OutcomesOf(content).Select(o => _reward.Outcomes.IndexOf(o))];
        (_reading, _labels) = (new(_reward.Outcomes, versions, provisional: false), new double[_reward.Outcomes.Length]);
        _unseenHarms = [.. BanditGuarding.OutcomesOf(content).Select(o => BanditGuarding.Unseen(o, content))];
        _unseen = IsRanking ? _reward.Of([.. _reward.Outcomes.Select(o => o.Absent ?? 0)]) ?? 0 : 0;
    }

    /// <summary>Rows: one a decision, or in a ranking one a place.</summary>
    public int Count => _rows.Count;

    public int Decisions { get; private set; }

    private bool IsRanking => _content.Shape == DecisionShape.Ranking;

    /// <summary>Of so many decisions those that are learned from: of rankings as many as have room for their places.</summary>
    public static int MostOf(BlueprintContent content, int decisions) => content.Shape == DecisionShape.Ranking ? Math.Min(decisions, MostPlaces / Math.Max(1, content.Positions ?? 1)) : decisions;

    /// <param name="arm">Only its decisions; null for all.</param>
    public static async Task<RewardedDecisions> ReadAsync(
        BlueprintContent content, VersionTable versions, ExampleReader reader, ExampleQuery query, BanditArm? arm, CancellationToken cancel)
    {
        var read = new RewardedDecisions(content, versions, arm);
        if (read.IsRanking) query = query with { ByPlace = true, Newest = query.Newest is { } newest ? MostOf(content, newest) : null };
        await foreach (var example in reader.ReadAsync(query, cancel)) read.Add(example);
        return read;
    }

    public DateTimeOffset Time(int i) => new(_reading.Examples.Ticks(_rows[i]), TimeSpan.Zero);

    /// <summary>A bandit decided it: one of these versions does, or the arm. What is held out or an experiment's is learned from, and was chosen by others.</summary>
    public bool IsOwn(int i) => _own[i];

    /// <summary>It was not what was believed to be best; in a ranking not the best of those left for its place.</summary>
    public bool Explored(int i) => _explored[i];

    public double Reward(int i) => _rewards[i];

    /// <summary>What is learned from: the reward, in a ranking above what is counted of a candidate that nobody looks at.</summary>
    public double Gain(int i) => _rewards[i] - _unseen;

    /// <summary>The first row of its decision.</summary>
    public bool IsFirst(int i) => _first[i];

    /// <summary>Of a guardrail, more is worse; NaN where its outcome is unknown. In a ranking above what is counted of a candidate that nobody looks at.</summary>
    public double Harm(int guardrail, int i) => _harms[i * _guardrails.Length + guardrail];

    /// <summary>Id of the candidate that was picked, or stood first in the ranking; null where none are sent.</summary>
    public string? Candidate(int i) => _candidates.Count > 0 ? _candidates[i] : null;

    /// <summary>Takes a row into what is known of the goal and its guardrails.</summary>
    public void AddTo(BanditStatistics statistics, BanditGuards? guards, int i, double[] x)
    {
        statistics.Add(Option(i), x, Gain(i));
        for (var g = 0; g < guards?.Harms.Length; g++)
            if (double.IsFinite(Harm(g, i))) guards.Add(g, Option(i), x, Harm(g, i), _units[i]);
    }

    /// <summary>Index into the options of the current version; of a ranking the band of its place, and 0 where candidates are picked.</summary>
    public int Option(int i) => IsRanking ? Math.Min(PlaceEffects.BandOf(_places[i]), PlaceEffects.Bands(_content.Positions ?? 1) - 1) : _versions.CurrentOption(_reading.Examples.Version(_rows[i]), _reading.Examples.Option(_rows[i]));

    /// <summary>A design for rows like the newest of these.</summary>
    /// <param name="until">Rows before this one are looked at; null for all.</param>
    public BanditDesign Design(int? until = null)
    {
        var end = until ?? Count;
        int[] rows = [.. _rows[Math.Max(0, end - MostDesignRows)..end]];
        var (builder, picks) = (new DataSetBuilder(_content, _versions, _reading.Examples), _content.Shape.TakesCandidates());
        ImmutableArray<Column> columns = [.. builder.ColumnsOf(rows, picks ? BanditDesign.MostOfListsOfCandidates : BanditDesign.MostOfLists).Where(c => c.Name is not (ModelEncoder.OptionColumn or BlueprintContent.PositionFeature))];
        var values = builder.Build(columns, rows, 0);
        var design = BanditDesign.Of(columns, values.Values, picks ? BanditDesign.MostOfCandidates : BanditDesign.MostWidth);
        if (!picks) return design;
        var ofCandidate = _content.CandidateFeatures.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var buffer = new double[columns.Length];
        var written = Enumerable.Range(0, rows.Length).Select(i =>
        {
            var x = new double[design.Width];
            values.CopyRow(i, buffer);
            design.Write(buffer, x);
            return x;
        });
        return DesignProducts.Choose(design, [.. columns.Select(c => ofCandidate.Contains(Column.FeatureOf(c.Name)))], [.. written], [.. Enumerable.Range(end - rows.Length, rows.Length).Select(Gain)]);
    }

    /// <summary>Hands out every row in the terms of a design, oldest first.</summary>
    /// <param name="take">Gets the index and the row, which is overwritten by the next.</param>
    public void Each(BanditDesign design, Action<int, double[]> take, CancellationToken cancel) => Each(design, 0, Count, take, cancel);

    /// <summary>The same for the rows from one to before another.</summary>
    public void Each(BanditDesign design, int from, int until, Action<int, double[]> take, CancellationToken cancel)
    {
        var builder = new DataSetBuilder(_content, _versions, _reading.Examples);
        double[] buffer = new double[design.Columns.Length], x = new double[design.Width];
        for (var first = from; first < until; first += BlockRows)
        {
            cancel.ThrowIfCancellationRequested();
            int[] rows = [.. _rows[first..Math.Min(until, first + BlockRows)]];
            var data = builder.Build(design.Columns, rows, 0);
            for (var i = 0; i < rows.Length; i++)
            {
                data.CopyRow(i, buffer);
                design.Write(buffer, x);
                take(first + i, x);
            }
        }
    }

    /// <summary>What guardrails are looked at on: the newest rows in the terms of a design, or the newest calls with a row for each candidate, oldest first.</summary>
    public List<double[]> Contexts(BanditDesign design, CancellationToken cancel)
    {
        var rows = new List<double[]>();
        if (!_content.Shape.TakesCandidates())
        {
            Each(design, Math.Max(0, Count - BanditGuarding.MostRows), Count, (_, x) => rows.Add([.. x]), cancel);
            return rows;
        }
        var (encoder, candidates) = (new CallRows(_content, design), 0L);
        foreach (var call in _calls.Reverse())
        {
            if (_versions.Find(call.BlueprintVersion) is not { } then || ServedCandidates.Read(call.Candidates) is not { Count: > 0 } sent) continue;
            if (!BanditGuarding.Fits(rows.Count, candidates += sent.Count, design.Width)) break;
            rows.Add(encoder.Of(call.BlueprintVersion, then, call.Served.Span, sent));
        }
        rows.Reverse();
        return rows;
    }

    private static bool Counts(Reason reason) => reason is Reason.Policy or Reason.Explore or Reason.Experiment or Reason.Holdout or Reason.Stale;

    private bool Decided(DecisionRecord decision) => _arm is not null
        || (decision is { Reason: Reason.Policy or Reason.Explore or Reason.Stale, ExperimentId: null } && _versions.Find(decision.BlueprintVersion)?.Policy is BanditPolicy);

    /// <summary>Takes in one more, where it counts. Not before those that are in.</summary>
    public void Add(Example example)
    {
        if (!Counts(example.Decision.Reason) || _arm?.Decided(example.Decision) == false) return;
        var before = _reading.Examples.Rows;
        _reading.Add(example, _labels);
        if (_reading.Examples.Rows == before) return;
        Keep(example.Decision);
        var (isFirst, sent) = (true, _content.Shape.TakesCandidates() ? ServedCandidates.Read(example.Decision.Candidates) : null);
        var name = sent is null ? "" : NameOf(sent.IdText(example.Decision.Option));
        var unit = _guardrails.IsEmpty ? 0 : Assignment.Hash(Encoding.UTF8.GetBytes(example.Decision.Unit), 0);
        var explored = IsRanking ? ExploredPlaces.Of(example.Decision, sent!) : [];
        for (var row = before; row < _reading.Examples.Rows; row++)
        {
            for (var o = 0; o < _labels.Length; o++) _labels[o] = _reading.Examples.Label(o, row);
            if (_reward.Of(_labels) is not { } reward) continue;
            _rows.Add(row);
            _rewards.Add(reward);
            foreach (var o in _guardrails) _harms.Add(BanditGuarding.HarmOf(_reward.Outcomes[o], _labels[o]) - _unseenHarms[_guardrails.IndexOf(o)]);
            if (!_guardrails.IsEmpty) _units.Add(unit);
            _own.Add(Decided(example.Decision));
            _explored.Add(IsRanking ? explored[row - before] : example.Decision.Reason == Reason.Explore);
            if (_content.Shape.TakesCandidates()) _candidates.Add(name);
            if (IsRanking) _places.Add(row - before);
            _first.Add(isFirst);
            if (isFirst) Decisions++;
            isFirst = false;
        }
    }

    private void Keep(DecisionRecord decision)
    {
        if (_guardrails.IsEmpty || !_content.Shape.TakesCandidates()) return;
        _calls.Enqueue(decision);
        if (_calls.Count > BanditGuarding.MostRows) _calls.Dequeue();
    }

    private string NameOf(string id) => _names.TryGetValue(id, out var name) ? name : _names[id] = id;
}
