using System.Runtime.CompilerServices;
using Looper.Client.Calls;

namespace Looper.Client.Deciding;

/// <summary>Asks for decisions. Whatever happens there is one, within the budget.</summary>
internal sealed class Decider(Transport transport, Uri root, DecidePause pause, TimeProvider clock)
{
    private readonly Uri _url = new(root, "v1/decisions");

    public async Task<Decision<T>> DecideAsync<T>(DecideCall call, T fallback, TimeSpan budget)
    {
        if (Fault(call.DecisionPoint, call.Unit, budget) is { } wrong) return Failure.Invalid(wrong).Give(fallback);
        if (pause.Enter(out var pass) is { } held) return held.Give(fallback);
        // Neither has a timer, so there is nothing to dispose; the budget is that of the wait, which nothing holds up: no value that is slow to write, no socket slow to close.
        var (abort, isAsked) = (new CancellationTokenSource(), new StrongBox<bool>());
        Decision<T>? decision = null;
        Failure? failure;
        try
        {
            (decision, failure) = await Task.Run(() => AskAsync<T>(call, isAsked, abort.Token)).WaitAsync(budget, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            failure = Volatile.Read(ref isAsked.Value) ? new(FallbackReason.Timeout, $"Looper did not answer within {budget.TotalMilliseconds:0.###} ms.")
                : new(FallbackReason.Timeout, $"The call was not written as JSON within {budget.TotalMilliseconds:0.###} ms, so Looper was not asked.", IsUnasked: true);
            _ = abort.CancelAsync();
        }
        catch (Exception fault) // of ours, or no memory: the product goes on
        {
            failure = new(FallbackReason.Error, FaultText.Of(fault), IsOfCall: true);
        }
        pause.Leave(pass, failure);
        return decision ?? failure!.Give(fallback);
    }

    /// <summary>Why no call can be made; null where one can.</summary>
    public static string? Fault(string? decisionPoint, string? unit, TimeSpan budget) =>
        string.IsNullOrEmpty(decisionPoint) ? "decisionPoint: this is missing. Give the key of the decision point."
        : string.IsNullOrEmpty(unit) ? "unit: this is missing. Give whom to decide for."
        : OptionsCheck.IsNoBudget(budget) ? "budget: this must be from 1 ms to 60 s. Leave it out for the client's." : null;

    private async Task<(Decision<T>? Decision, Failure? Failure)> AskAsync<T>(DecideCall call, StrongBox<bool> isAsked, CancellationToken cancel)
    {
        ReadOnlyMemory<byte> json;
        try
        {
            json = call.ToJson();
        }
        catch (Exception fault)
        {
            return (null, Failure.Invalid($"The call cannot be written as JSON: {FaultText.Of(fault)}."));
        }
        Volatile.Write(ref isAsked.Value, true);
        var reply = await transport.PostAsync(_url, json, cancel);
        return reply.IsSuccess ? DecisionJson.Read<T>(reply.Body) : (null, Failure.Of(reply));
    }
}
