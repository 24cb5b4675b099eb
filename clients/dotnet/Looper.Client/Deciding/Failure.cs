using Looper.Client.Calls;

namespace Looper.Client.Deciding;

/// <summary>Why a decide call has no usable answer.</summary>
/// <param name="Reason">One of <see cref="FallbackReason"/>.</param>
/// <param name="Problem">What went wrong, in a sentence.</param>
/// <param name="RetryAfter">How long Looper asks to be left alone.</param>
/// <param name="IsOfCall">Looper is well; this call, or what is expected of its answer, is not.</param>
/// <param name="IsUnasked">Nothing was sent, so nothing is known of Looper.</param>
internal sealed record Failure(string Reason, string Problem, TimeSpan? RetryAfter = null, bool IsOfCall = false, bool IsUnasked = false)
{
    public static Failure Invalid(string why) => new(FallbackReason.Invalid, why, IsOfCall: true, IsUnasked: true);

    /// <summary>Of a reply that is no success.</summary>
    public static Failure Of(Reply reply) => reply.Status switch
    {
        0 => new(reply.IsGarbled ? FallbackReason.Unreadable : FallbackReason.Unreachable, reply.Problem),
        429 or 503 => new(FallbackReason.Busy, reply.Problem, reply.RetryAfter),
        >= 400 and < 500 => new(FallbackReason.Refused, reply.Problem, IsOfCall: true),
        >= 500 => new(FallbackReason.Error, reply.Problem),
        _ => new(FallbackReason.Unreadable, $"What answered sent status {reply.Status} and no decision. Check that the address is that of Looper."),
    };

    public Decision<T> Give<T>(T fallback) => new() { Value = fallback, Reason = Reason, Problem = Problem, IsDefault = true, IsFallback = true };
}
