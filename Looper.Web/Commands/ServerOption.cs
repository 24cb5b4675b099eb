using System.CommandLine;

namespace Looper.Web.Commands;

/// <summary><c>--url</c>: which running server a command talks to.</summary>
internal static class ServerOption
{
    /// <summary>Read where the option is not given, as the README's calls do.</summary>
    public const string Variable = "LOOPER_URL";

    public static Option<Uri> Create() => new("--url")
    {
        Description = $"Address of the server. Without it that of {Variable}, or else of this machine.",
        DefaultValueFactory = result =>
        {
            if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } set) return new Uri("http://127.0.0.1:5000");
            if (Address(set) is { } address) return address;
            result.AddError(Fault(Variable, set));
            return null!;
        },
        CustomParser = given =>
        {
            var text = given.Tokens[^1].Value;
            if (Address(text) is { } address) return address;
            given.AddError(Fault("--url", text));
            return null;
        },
    };

    private static Uri? Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;

    private static string Fault(string where, string text) => $"{where}: '{text}' is not the address of a server. Give it whole, for example http://127.0.0.1:5000.";
}
