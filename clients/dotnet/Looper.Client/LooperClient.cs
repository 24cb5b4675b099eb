using Looper.Client.Calls;
using Looper.Client.Deciding;
using Looper.Client.Delivery;

namespace Looper.Client;

/// <summary>
/// Asks Looper for decisions and reports what came of them. Make one for the whole process, keep it, and dispose of it at the end. Safe for several threads. Only the
/// constructor throws, on options that cannot work: whatever happens to Looper, the network or the disk, the product goes on.
/// </summary>
public sealed class LooperClient : IAsyncDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(24);

    private readonly LooperClientOptions _options;
    private readonly Decider _decider;
    private readonly Dispatch _observations;
    private readonly Dispatch? _decisions;
    private readonly WaitingLine _waiting;
    private readonly Lock _gate = new();
    private Task<bool>? _closed;

    /// <param name="options">Null takes address and key from the environment, and presets for the rest.</param>
    /// <exception cref="ArgumentException">An option cannot work: the message names it, the reason and the way out.</exception>
    public LooperClient(LooperClientOptions? options = null) : this(options ?? new(), null)
    {
    }

    /// <param name="options">How to call Looper.</param>
    /// <param name="decisionLimit">Decisions made in this process that may wait; null where none are made.</param>
    internal LooperClient(LooperClientOptions options, int? decisionLimit)
    {
        _options = options;
        (Root, var key) = OptionsCheck.Of(options);
        Problems = new(options.OnProblem);
        Transport = new(key, options.Clock);
        _decider = new(Transport, Root, new(options.Clock, options.Random), options.Clock);
        if (decisionLimit is { } most) _decisions = new(Freight.Decisions, options, Transport, Root, most, null, Problems);
        _observations = new(Freight.Observations, options, Transport, Root, options.SpoolLimit, _decisions, Problems);
        _waiting = _observations.Waiting;
    }

    /// <summary>What became of observations so far.</summary>
    public LooperCounters Counters => _waiting.Counters;

    internal Transport Transport { get; }

    internal Uri Root { get; }

    internal Problems Problems { get; }

    /// <summary>Decisions made in this process; null where none are made.</summary>
    internal WaitingLine? Decisions => _decisions?.Waiting;

    /// <summary>Asks what to do. Never throws, and takes no longer than the budget: without a usable answer by then, the decision is the fallback and says why.</summary>
    /// <typeparam name="T">What the decision point answers with: <c>string</c> for an option or a candidate, <c>bool</c>, <c>double</c>, or a type of yours for a configuration.</typeparam>
    /// <param name="decisionPoint">Key of the decision point.</param>
    /// <param name="unit">Whom to decide for; the same unit keeps its arm.</param>
    /// <param name="fallback">What your product does without Looper.</param>
    /// <param name="context">Feature values by name: anything that JSON can write as an object. Property names are sent as they are.</param>
    /// <param name="candidates">What to pick from or to rank, where the decision point does that.</param>
    /// <param name="decisionId">Your id for this decision: asked twice, it is decided once. Without one Looper makes one.</param>
    /// <param name="explain">Have the answer say which rule decided and what each feature did.</param>
    /// <param name="budget">The longest it may take; null for that of the options.</param>
    public async Task<Decision<T>> DecideAsync<T>(
        string decisionPoint, string unit, T fallback, object? context = null, IEnumerable<Candidate>? candidates = null, string? decisionId = null, bool explain = false, TimeSpan? budget = null)
    {
        if (_waiting.Closing.IsCompleted) return Failure.Invalid("This client is closed.").Give(fallback);
        return await _decider.DecideAsync(new(decisionPoint, unit, context, candidates, decisionId, explain), fallback, budget ?? _options.Budget).ConfigureAwait(false);
    }

    /// <summary>Reports what came of a decision. Returns at once and never throws; it is delivered in the background.</summary>
    /// <param name="decision">What a decide call gave. Of a fallback nothing is sent: Looper knows of no decision that it could belong to.</param>
    /// <param name="outcomes">Values by outcome, true or false or a number: anything that JSON can write as an object.</param>
    /// <param name="candidate">Which candidate it belongs to; null for the decision as a whole.</param>
    /// <param name="time">When it happened; null for now.</param>
    /// <returns>True where it was taken.</returns>
    public bool Observe(Decision decision, object outcomes, string? candidate = null, DateTimeOffset? time = null)
    {
        if (decision is not { IsFallback: true }) return Observe(decision?.DecisionId!, outcomes, candidate, time);
        _waiting.CountFallback();
        return false;
    }

    /// <inheritdoc cref="Observe(Decision, object, string?, DateTimeOffset?)"/>
    /// <param name="decisionId">Names the decision.</param>
    /// <param name="outcomes">Values by outcome, true or false or a number: anything that JSON can write as an object.</param>
    /// <param name="candidate">Which candidate it belongs to; null for the decision as a whole.</param>
    /// <param name="time">When it happened; null for now.</param>
    public bool Observe(string decisionId, object outcomes, string? candidate = null, DateTimeOffset? time = null) =>
        string.IsNullOrEmpty(decisionId) ? Unusable("no decision is named") : Take(decisionId, null, candidate, outcomes, time);

    /// <summary>Reports what a unit did, for each of its decisions that waits for it. Returns at once and never throws; it is delivered in the background.</summary>
    /// <param name="unit">Who it was, as in the decide calls.</param>
    /// <param name="outcomes">Values by outcome, true or false or a number: anything that JSON can write as an object.</param>
    /// <param name="time">When it happened; null for now.</param>
    /// <returns>True where it was taken.</returns>
    public bool ObserveUnit(string unit, object outcomes, DateTimeOffset? time = null) =>
        string.IsNullOrEmpty(unit) ? Unusable("no unit is named") : Take(null, unit, null, outcomes, time);

    /// <summary>Has everything that was taken before this call sent, and waits until it is delivered or dropped.</summary>
    /// <param name="within">How long to wait; null as long as closing would.</param>
    /// <returns>False where some still wait.</returns>
    public async Task<bool> FlushAsync(TimeSpan? within = null)
    {
        var (observed, decided) = (_waiting.GoneAsync(), Decisions?.GoneAsync() ?? Task.CompletedTask);
        try
        {
            await Task.WhenAll(observed, decided).WaitAsync(Patience(within ?? _options.CloseWithin), _options.Clock).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            _waiting.Forget(observed);
            Decisions?.Forget(decided);
            return false;
        }
    }

    /// <summary>Takes nothing more, and waits until what was taken is delivered. What is not by then stays in the spool, or is counted as dropped without one.</summary>
    /// <param name="within">How long to wait; null for that of the options.</param>
    /// <returns>False where some were not delivered.</returns>
    public Task<bool> CloseAsync(TimeSpan? within = null)
    {
        lock (_gate) return _closed ??= EndAsync(within);
    }

    /// <summary>The same as <see cref="CloseAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private async Task<bool> EndAsync(TimeSpan? within)
    {
        Decisions?.Close();
        _waiting.Close();
        var flushed = await FlushAsync(within).ConfigureAwait(false);
        await _observations.DisposeAsync().ConfigureAwait(false);
        if (_decisions is not null) await _decisions.DisposeAsync().ConfigureAwait(false);
        Transport.Dispose();
        return flushed;
    }

    // What a timer can hold.
    internal static TimeSpan Patience(TimeSpan within) =>
        within == Timeout.InfiniteTimeSpan || within > s_longest ? s_longest : within > TimeSpan.Zero ? within : TimeSpan.Zero;

    private bool Take(string? decisionId, string? unit, string? candidate, object outcomes, DateTimeOffset? time)
    {
        try
        {
            var now = _options.Clock.GetUtcNow();
            if (outcomes is null) return Unusable("no outcomes are given");
            return _waiting.Take(new ObserveCall(decisionId, unit, candidate, outcomes, time ?? now).ToJson(Guid.CreateVersion7(now)));
        }
        catch (Exception fault)
        {
            return Unusable($"the outcomes cannot be used: {FaultText.Of(fault)}");
        }
    }

    private bool Unusable(string why)
    {
        _waiting.CountInvalid($"An observation is left out: {why}.");
        return false;
    }
}
