using System.Collections.Frozen;
using Looper.Client;
using Looper.Client.Deciding;
using Looper.InProcess.Deciding;
using Looper.InProcess.Snapshots;

namespace Looper.InProcess;

/// <summary>
/// Makes decisions in this process, from snapshots that Looper gives, and reports them until Looper has them. What cannot be decided here is asked of Looper. Make one
/// for the whole process, keep it, and dispose of it at the end. Safe for several threads. Only the constructor throws, on options that cannot work.
/// </summary>
public sealed class InProcessLooper : IAsyncDisposable
{
    private readonly InProcessOptions _options;
    private readonly LooperClient _client;
    private readonly LocalDecider _decider;
    private readonly SnapshotFolder? _folder;
    private readonly FrozenDictionary<string, PointRefresh> _points;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _refreshing;

    /// <param name="options">Which decision points are decided here, and how Looper is called.</param>
    /// <exception cref="ArgumentException">An option cannot work: the message names it, the reason and the way out.</exception>
    public InProcessLooper(InProcessOptions options)
    {
        _options = InProcessCheck.Of(options);
        _client = new(options.Client, options.DecisionLimit);
        _decider = new(_client.Decisions!, options.Client.Clock);
        _folder = options.SnapshotDirectory is { } directory ? new(directory) : null;
        _points = options.DecisionPoints.Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(key => key, key => new PointRefresh(key, _client.Transport, _client.Root, options, _folder, _client.Problems), StringComparer.Ordinal);
        using (ExecutionContext.SuppressFlow()) _refreshing = Task.WhenAll(_points.Values.Select(p => Task.Run(() => p.RunAsync(_end.Token)))); // they outlive whatever request made this
    }

    /// <summary>What became of observations so far.</summary>
    public LooperCounters Counters => _client.Counters;

    /// <summary>What became of decisions made here so far.</summary>
    public LooperCounters DecisionCounters => _client.Decisions!.Counters;

    /// <summary>How each of the decision points of the options is decided now.</summary>
    public IReadOnlyList<DecisionPointState> DecisionPoints => [.. _points.Values.Select(p => p.State).OrderBy(s => s.DecisionPoint, StringComparer.Ordinal)];

    /// <summary>Waits until the snapshot of each decision point is there, or Looper has said why it is not. Nobody has to: until then Looper is asked.</summary>
    /// <param name="within">How long to wait.</param>
    /// <returns>True where all of them are decided here.</returns>
    public async Task<bool> ReadyAsync(TimeSpan within)
    {
        try
        {
            await Task.WhenAll(_points.Values.Select(p => p.Known)).WaitAsync(LooperClient.Patience(within), _options.Client.Clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // the answer says so
        }
        return _points.Values.All(p => p.Held is not null);
    }

    /// <summary>Decides: here where that can be, completed at once and without a call to Looper, or else by asking Looper within the budget. Never throws: without a
    /// usable answer the decision is the fallback and says why.</summary>
    /// <inheritdoc cref="LooperClient.DecideAsync"/>
    public ValueTask<Decision<T>> DecideAsync<T>(
        string decisionPoint, string unit, T fallback, object? context = null, IEnumerable<Candidate>? candidates = null, string? decisionId = null, bool explain = false, TimeSpan? budget = null)
    {
        if (candidates is not null || explain || decisionPoint is null || !_points.TryGetValue(decisionPoint, out var point) || point.Held is not { } held)
            return new(_client.DecideAsync(decisionPoint!, unit, fallback, context, candidates, decisionId, explain, budget));
        if (Decider.Fault(decisionPoint, unit, budget ?? _options.Client.Budget) is { } wrong) return new(Failure.Invalid(wrong).Give(fallback));
        return new(_decider.Decide(held, point.IsStale(held), unit, fallback, context, decisionId));
    }

    /// <inheritdoc cref="LooperClient.Observe(Decision, object, string?, DateTimeOffset?)"/>
    public bool Observe(Decision decision, object outcomes, string? candidate = null, DateTimeOffset? time = null) => _client.Observe(decision, outcomes, candidate, time);

    /// <inheritdoc cref="LooperClient.Observe(string, object, string?, DateTimeOffset?)"/>
    public bool Observe(string decisionId, object outcomes, string? candidate = null, DateTimeOffset? time = null) => _client.Observe(decisionId, outcomes, candidate, time);

    /// <inheritdoc cref="LooperClient.ObserveUnit"/>
    public bool ObserveUnit(string unit, object outcomes, DateTimeOffset? time = null) => _client.ObserveUnit(unit, outcomes, time);

    /// <summary>Has every decision and observation that was taken before this call sent, and waits until it is delivered or dropped.</summary>
    /// <inheritdoc cref="LooperClient.FlushAsync"/>
    public Task<bool> FlushAsync(TimeSpan? within = null) => _client.FlushAsync(within);

    /// <inheritdoc cref="LooperClient.CloseAsync"/>
    public async Task<bool> CloseAsync(TimeSpan? within = null)
    {
        await _end.CancelAsync().ConfigureAwait(false);
        var delivered = await _client.CloseAsync(within).ConfigureAwait(false); // while what is being refreshed comes to its end
        await _refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _folder?.Dispose();
        return delivered;
    }

    /// <summary>The same as <see cref="CloseAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);
}
