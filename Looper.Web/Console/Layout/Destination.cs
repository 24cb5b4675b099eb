using System.Collections.Immutable;
using Looper.Core.Access;

namespace Looper.Web.Console.Layout;

/// <summary>A place in the left navigation.</summary>
/// <param name="Needs">Who may not go there does not see it.</param>
public sealed record Destination(string Text, string Href, string Icon, Right Needs = Right.Read, bool StartsGroup = false)
{
    public static ImmutableArray<Destination> All { get; } =
    [
        new("Home", "/", "home"),
        new("Decision points", "/decision-points", "alt_route"),
        new("Experiments", "/experiments", "science"),
        new("Ledger", "/ledger", "trending_up"),
        new("Costs", "/costs", "payments"),
        new("Studies", "/studies", "tune"),
        new("Models", "/models", "network_node"),
        new("Jobs", "/jobs", "work_history"),
        new("Access", "/access/keys", "key", Right.ManageOwnKeys, StartsGroup: true),
        new("Settings", "/settings/data", "settings", Right.Administer),
    ];
}
