using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Shipping;
using Looper.Jobs;
using Looper.Web.Api;
using Looper.Web.Hosting;
using Microsoft.Extensions.Configuration;

namespace Looper.Web.Commands;

/// <summary>The settings there are. A name that means nothing is a misspelt one, or an option that this command has not: passed over, <c>--erasure=DIR</c>
/// would restore a backup without its erasures.</summary>
internal static class SettingNames
{
    private const int MostMisspelt = 3;

    private static readonly ImmutableArray<string> s_looper =
    [
        .. Of<LooperOptions>(LooperOptions.Section), .. Of<LimitOptions>(LimitOptions.Section), .. Of<ServingOptions>(ServingOptions.Section),
        .. Of<HistoryOptions>(HistoryOptions.Section), .. Of<ShippingOptions>(ShippingOptions.Section), .. Of<JobsOptions>(JobsOptions.Section),
    ];

    // Those of the host that stand in no section.
    private static readonly ImmutableArray<string> s_host =
    [
        WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey, "https_port", "AllowedHosts", WebHostDefaults.EnvironmentKey,
        WebHostDefaults.ApplicationKey, WebHostDefaults.ContentRootKey, WebHostDefaults.WebRootKey, WebHostDefaults.DetailedErrorsKey, WebHostDefaults.ShutdownTimeoutKey,
        WebHostDefaults.CaptureStartupErrorsKey, WebHostDefaults.SuppressStatusMessagesKey, WebHostDefaults.PreferHostingUrlsKey, WebHostDefaults.StaticWebAssetsKey,
        WebHostDefaults.StartupAssemblyKey, WebHostDefaults.HostingStartupAssembliesKey, WebHostDefaults.HostingStartupExcludeAssembliesKey, WebHostDefaults.PreventHostingStartupKey,
    ];

    /// <summary>Null for a setting of Looper or of the host, else a sentence.</summary>
    public static string? Fault(string name)
    {
        if (Is(s_looper, name) || Is(s_host, name) || s_looper.Any(known => known.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))) return null; // the last: a section by itself
        if (name.Contains(':', StringComparison.Ordinal) && !IsOfLooper(name)) return null; // sections of the host, such as Logging and Kestrel
        var near = s_looper.Concat(s_host).OrderBy(known => Spelling.Distance(known, name)).First();
        return $"There is no option or setting '{name}'.{(Spelling.Distance(near, name) <= MostMisspelt ? $" Did you mean {near}?" : "")}";
    }

    /// <summary>Names below Looper that mean nothing, from wherever they were set.</summary>
    public static IEnumerable<string> Unknown(IConfiguration configuration) =>
        configuration.GetSection(LooperOptions.Section).AsEnumerable().Where(setting => setting.Value is not null).Select(setting => setting.Key).Where(name => Fault(name) is not null);

    private static IEnumerable<string> Of<T>(string section) => typeof(T).GetProperties().Select(property => $"{section}:{property.Name}");

    private static bool Is(ImmutableArray<string> known, string name) => known.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsOfLooper(string name) => name.StartsWith($"{LooperOptions.Section}:", StringComparison.OrdinalIgnoreCase);
}
