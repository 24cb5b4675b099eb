using System.Collections.Immutable;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Decisions;

/// <summary>The tabs of one decision point, in the order of the loop.</summary>
public static class PointTabs
{
    public static ImmutableArray<Tab> Of(string key) =>
    [
        new("Overview", $"/decision-points/{key}"),
        new("Blueprint", $"/decision-points/{key}/blueprint"),
        new("Data", $"/decision-points/{key}/data"),
        new("Models", $"/decision-points/{key}/models"),
        new("Policy", $"/decision-points/{key}/policy"),
        new("Experiments", $"/decision-points/{key}/experiments"),
        new("Gain", $"/decision-points/{key}/gain"),
        new("Snippets", $"/decision-points/{key}/snippets"),
        new("Settings", $"/decision-points/{key}/settings"),
    ];
}
