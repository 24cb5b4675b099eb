using Microsoft.AspNetCore.Http.Features;

namespace Looper.Web.Api.Personalizer;

internal enum PersonalizerCall
{
    /// <summary>None that is offered here.</summary>
    Other,
    Rank,
    Reward,
    Activate,
}

/// <summary>What an address under <c>/personalizer</c> asks for. Libraries put <c>/personalizer/VERSION/…</c> behind the endpoint that they were given: this program's
/// address, or with <c>/personalizer/DECISION-POINT</c>, with or without a slash at its end.</summary>
/// <param name="Point">Key of the decision point; null where the key of the call says which.</param>
/// <param name="Event">Id of the event of a reward or an activation, as the app knows it.</param>
internal readonly record struct PersonalizerAddress(PersonalizerCall Call, string? Point, string Event)
{
    /// <summary>Where all of them begin.</summary>
    public const string Base = "personalizer";

    public static PersonalizerAddress Of(HttpContext http)
    {
        var parts = (http.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries).AsSpan();
        if (parts is not [Base, .. var rest]) return default;
        if (CallOf(rest) is not PersonalizerCall.Other and var call) return new(call, null, EventOf(http, call));
        return rest is [var point, Base, .. var below] && CallOf(below) is not PersonalizerCall.Other and var pointed ? new(pointed, point, EventOf(http, pointed)) : default;
    }

    private static PersonalizerCall CallOf(ReadOnlySpan<string> path) => path switch
    {
        [var version, .. var rest] when IsVersion(version) => Unversioned(rest),
        _ => Unversioned(path), // the last preview has its version in the query
    };

    private static PersonalizerCall Unversioned(ReadOnlySpan<string> path) => path switch
    {
        ["rank"] => PersonalizerCall.Rank,
        ["events", _, "reward"] => PersonalizerCall.Reward,
        ["events", _, "activate"] => PersonalizerCall.Activate,
        _ => PersonalizerCall.Other,
    };

    private static bool IsVersion(string text) => text is "v1.0" or "v1.1-preview.1" or "v1.1-preview.2" or "v1.1-preview.3";

    // The path is decoded all but its slashes, so that an id with one can be read from the request line alone.
    private static string EventOf(HttpContext http, PersonalizerCall call)
    {
        if (call == PersonalizerCall.Rank) return "";
        var line = http.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw ? raw : http.Request.Path.ToUriComponent();
        return Uri.UnescapeDataString(line.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries)[^2]);
    }
}
