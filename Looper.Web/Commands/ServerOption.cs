using System.CommandLine;

namespace Looper.Web.Commands;

/// <summary><c>--url</c>: which running server a command talks to.</summary>
internal static class ServerOption
{
    public static Option<Uri> Create() => new("--url")
    {
        Description = "Address of the server.",
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:5000"),
        CustomParser = given =>
        {
            var text = given.Tokens[^1].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
            given.AddError($"--url: '{text}' is not the address of a server. Give it whole, for example http://127.0.0.1:5000.");
            return null;
        },
    };
}
