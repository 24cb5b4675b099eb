using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Looper.Core.Events.Sqlite;

/// <summary>Hands what a commit writes to the write-ahead log over to the system in large pieces. SQLite writes the header of each page and then the page, so a
/// commit of a hundred pages would be two hundred calls to the system, which cost more than the copying.</summary>
/// <remarks>Stands between SQLite and the log's file, in place of the file's methods (sqlite3_io_methods, sqlite3.h). Of a transaction that is not committed
/// nobody but its own connection reads the log, and that is given what waits before it reads; the page of a commit is written at once with all before it, and
/// what fails then fails the commit. So between transactions nothing waits, and a flush from another thread needs to know nothing of this.</remarks>
internal static unsafe class GatheredLog
{
    private const int Room = 0x1FFFF; // SQLite's own file system takes no more in one call
    private const int FrameHeader = 24, CommitMark = 4; // of a frame: the size of the database, 0 but for the last of a commit
    private const int Methods = 19, Close = 1, Read = 2, Write = 3, Truncate = 4, FileSize = 6;

    /// <summary>From now on writes to this file are gathered, until it is closed.</summary>
    /// <param name="file">A log that has no transaction under way.</param>
    public static void Over(nint* file)
    {
        var gathered = (Gathered*)NativeMemory.AllocZeroed((nuint)sizeof(Gathered));
        gathered->Bytes = (byte*)NativeMemory.Alloc(Room);
        gathered->System = (nint*)*file;
        gathered->End = -1;
        new ReadOnlySpan<nint>(gathered->System, Methods).CopyTo(gathered->Own);
        gathered->Own[Close] = (nint)(delegate* unmanaged[Cdecl]<nint*, int>)&CloseFile;
        gathered->Own[Read] = (nint)(delegate* unmanaged[Cdecl]<nint*, byte*, int, long, int>)&ReadFile;
        gathered->Own[Write] = (nint)(delegate* unmanaged[Cdecl]<nint*, byte*, int, long, int>)&WriteFile;
        gathered->Own[Truncate] = (nint)(delegate* unmanaged[Cdecl]<nint*, long, int>)&TruncateFile;
        gathered->Own[FileSize] = (nint)(delegate* unmanaged[Cdecl]<nint*, long*, int>)&SizeOfFile;
        *file = (nint)gathered; // the methods stand first in it
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int WriteFile(nint* file, byte* bytes, int count, long offset)
    {
        var gathered = (Gathered*)*file;
        if (count == FrameHeader) gathered->EndsCommit = BinaryPrimitives.ReadInt32BigEndian(new(bytes + CommitMark, sizeof(int))) != 0;
        var goesOn = offset == gathered->End && count <= Room;
        gathered->End = offset + count;
        if ((!goesOn || gathered->Used + count > Room) && gathered->Pass(file) is var code and not 0) return code;
        if (!goesOn) return gathered->WriteTo(file, bytes, count, offset);
        if (gathered->Used == 0) gathered->From = offset;
        Unsafe.CopyBlockUnaligned(gathered->Bytes + gathered->Used, bytes, (uint)count);
        gathered->Used += count;
        return gathered->EndsCommit && count != FrameHeader ? gathered->Pass(file) : 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ReadFile(nint* file, byte* bytes, int count, long offset)
    {
        var gathered = (Gathered*)*file;
        return gathered->Pass(file) is var code and not 0 ? code : ((delegate* unmanaged[Cdecl]<nint*, byte*, int, long, int>)gathered->System[Read])(file, bytes, count, offset);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int TruncateFile(nint* file, long size)
    {
        var gathered = (Gathered*)*file;
        return gathered->Pass(file) is var code and not 0 ? code : ((delegate* unmanaged[Cdecl]<nint*, long, int>)gathered->System[Truncate])(file, size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SizeOfFile(nint* file, long* size)
    {
        var gathered = (Gathered*)*file;
        return gathered->Pass(file) is var code and not 0 ? code : ((delegate* unmanaged[Cdecl]<nint*, long*, int>)gathered->System[FileSize])(file, size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CloseFile(nint* file)
    {
        var gathered = (Gathered*)*file; // what still waits was never committed
        *file = (nint)gathered->System;
        var code = ((delegate* unmanaged[Cdecl]<nint*, int>)gathered->System[Close])(file);
        NativeMemory.Free(gathered->Bytes);
        NativeMemory.Free(gathered);
        return code;
    }

    private struct Gathered
    {
        private fixed long _own[Methods];

        public nint* System;
        public byte* Bytes;
        public int Used;

        /// <summary>Where the bytes that wait belong, and where the last write ended; −1 when nobody knows.</summary>
        public long From, End;

        /// <summary>The page that comes next is the last of a commit.</summary>
        public bool EndsCommit;

        public Span<nint> Own
        {
            get
            {
                fixed (long* own = _own) return new(own, Methods);
            }
        }

        /// <summary>Writes what waits.</summary>
        public int Pass(nint* file)
        {
            if (Used == 0) return 0;
            var count = Used;
            Used = 0; // after a failure the transaction is undone
            return WriteTo(file, Bytes, count, From);
        }

        public int WriteTo(nint* file, byte* bytes, int count, long offset)
        {
            var code = ((delegate* unmanaged[Cdecl]<nint*, byte*, int, long, int>)System[Write])(file, bytes, count, offset);
            if (code != 0) End = -1;
            return code;
        }
    }
}
