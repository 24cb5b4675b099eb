using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Access;

internal static class AccessTabs
{
    /// <summary>What this caller may see under Access.</summary>
    public static ImmutableArray<Tab> For(Caller caller) =>
    [
        new("API keys", "/access/keys"),
        .. caller.Lacks(Right.Administer) is null ? new[] { new Tab("Users", "/access/users") } : [],
        .. caller.Lacks(Right.ReadAudit) is null ? new[] { new Tab("Audit", "/audit") } : [],
    ];
}
