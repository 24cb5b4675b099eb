using System.Collections.Immutable;
using System.Net;
using Looper.Core;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Looper.Web.Hosting;

/// <summary>Proxies in front of Looper that the operator names: of what they forward, their word for the client's address, scheme and host is taken. Nobody else's
/// is, or whoever calls could be anybody.</summary>
internal static class TrustedProxies
{
    private const StringSplitOptions Parts = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <summary>Before everything that asks who calls, by which scheme, or for which host.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        ImmutableArray<IPNetwork> trusted = [.. Entries(app.Services.GetRequiredService<IOptions<LooperOptions>>().Value).Select(e => Read(e)!.Value)];
        if (trusted.IsEmpty) return;
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null, // as many as follow each other and are trusted
            AllowedHosts = [.. (app.Configuration["AllowedHosts"] ?? "*").Split(';', Parts)], // as for a host that no proxy forwards
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in trusted) forwarded.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(forwarded);
    }

    private static string[] Entries(LooperOptions options) => options.TrustedProxies.Split(';', Parts);

    /// <summary>An address is a network of one. Null for what is neither.</summary>
    private static IPNetwork? Read(string entry) => IPAddress.TryParse(entry, out var address) ? new IPNetwork(address, 8 * address.GetAddressBytes().Length)
        : IPNetwork.TryParse(entry, out var network) ? network : null;

    public sealed class Validator : IValidateOptions<LooperOptions>
    {
        public ValidateOptionsResult Validate(string? name, LooperOptions options) => Entries(options).FirstOrDefault(e => Read(e) is null) is { } neither
            ? ValidateOptionsResult.Fail($"Looper:TrustedProxies holds '{neither}', which is neither an address nor a network. Name the proxies in front of Looper, such as 10.0.0.4;10.1.0.0/16.")
            : ValidateOptionsResult.Success;
    }
}
