using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>How much one caller may ask. Section <c>Looper:Limits</c>.</summary>
public sealed class LimitOptions
{
    public const string Section = "Looper:Limits";

    /// <summary>Attempts to sign in or set up, per address and minute. 1 to 10,000; default 10.</summary>
    [Range(1, 10_000)] public int SignInsPerMinute { get; set; } = 10;

    /// <summary>Attempts to sign in to one account, per minute. 1 to 10,000; default 5.</summary>
    [Range(1, 10_000)] public int SignInsPerAccountAndMinute { get; set; } = 5;

    /// <summary>Other requests without a session or key, per address and second. 1 to 100,000; default 20.</summary>
    [Range(1, 100_000)] public int AnonymousPerSecond { get; set; } = 20;

    /// <summary>Management requests, per user or key and second. 1 to 100,000; default 50.</summary>
    [Range(1, 100_000)] public int ManagementPerSecond { get; set; } = 50;

    /// <summary>Shared reports opened without an account, per address and minute. 1 to 10,000; default 30.</summary>
    [Range(1, 10_000)] public int SharedPerMinute { get; set; } = 30;

    /// <summary>Size of a request body in bytes, where a route does not say otherwise. 64 KiB to 1 GiB; default 4 MiB.</summary>
    [Range(65_536, 1_073_741_824)] public long BodyBytes { get; set; } = 4 * 1024 * 1024;
}

[OptionsValidator]
internal sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;
