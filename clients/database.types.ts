// Made from the database by `make types`; edit nothing here.
//
//     const client = createClient<Database>(url, key)
//
// What is not in it is closed to clients. Insert and Update allow the columns an app may write;
// all others are `never`. The shape is that of `supabase gen types typescript`.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

/** Who wrote a comment. Without a username people are called Unknown. */
export type Writer = {
  avatar: string | null
  username: string
}

/** Whose video it is. */
export type Owner = Writer & {
  verified: boolean
}

export type Database = {
  public: {
    Tables: {
      /**
       * Who does not want to meet whom. Hides the videos and comments of each from the
       * other.
       */
      user_blocks: {
        Row: {
          /** The one who is blocked; needs no profile. */
          blocked_user_id: string
          created_at: string
          /** The one who blocks. Only he sees the row. */
          user_id: string
        }
        Insert: {
          blocked_user_id: string
          created_at?: never
          user_id?: never
        }
        Update: {
          blocked_user_id?: never
          created_at?: never
          user_id?: never
        }
        Relationships: []
      }
      /** One row per person who published or wrote something, or set up a profile. */
      user_profiles: {
        Row: {
          /** URL of an image the person uploaded with an avatar ticket, or null. */
          avatar: string | null
          created_at: string
          updated_at: string
          /** The sub of the person's token: 1 to 255 printable characters. */
          user_id: string
          /** 3 to 30 of a-z, 0-9, _ and ., unique; null is shown as Unknown. */
          username: string | null
          /** Set by administrators only. */
          verified: boolean
        }
        Insert: {
          avatar?: never
          created_at?: never
          updated_at?: never
          user_id?: never
          username?: never
          verified?: never
        }
        Update: {
          avatar?: string | null
          created_at?: never
          updated_at?: never
          user_id?: never
          username?: string | null
          verified?: never
        }
        Relationships: []
      }
      /** What people say about a video. Deleted by the writer or the video's owner. */
      video_comments: {
        Row: {
          created_at: string
          /** UUIDv7: orders the comments of a video and is the cursor of their pages. */
          id: string
          /**
           * A random uuid by which the writer's phone recognises its own request; null when
           * it sent none. Known as long as the comment is there.
           */
          request_id: string | null
          /** Up to 1000 characters, trimmed, NFC, with something visible in it. */
          text: string
          user_id: string
          video_id: string
        }
        Insert: {
          created_at?: never
          id?: never
          request_id?: string | null
          text: string
          user_id?: never
          video_id: string
        }
        Update: {
          created_at?: never
          id?: never
          request_id?: never
          text?: never
          user_id?: never
          video_id?: never
        }
        Relationships: [
          {
            foreignKeyName: "video_comments_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "user_profiles"
            referencedColumns: ["user_id"]
          },
          {
            foreignKeyName: "video_comments_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "trending_videos"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "video_comments_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "video_feed"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "video_comments_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "videos"
            referencedColumns: ["id"]
          },
        ]
      }
      /** Who likes which video, once. A person sees only his own rows. */
      video_likes: {
        Row: {
          created_at: string
          /** Names the row for old apps; nothing refers to it. */
          id: string
          user_id: string
          video_id: string
        }
        Insert: {
          created_at?: never
          id?: never
          user_id?: never
          video_id: string
        }
        Update: {
          created_at?: never
          id?: never
          user_id?: never
          video_id?: never
        }
        Relationships: [
          {
            foreignKeyName: "video_likes_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "trending_videos"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "video_likes_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "video_feed"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "video_likes_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "videos"
            referencedColumns: ["id"]
          },
        ]
      }
      /**
       * Published videos. Made by publishing an upload, never by a plain insert of a
       * client.
       */
      videos: {
        Row: {
          /** Folded base; exact only together with private.video_deltas, as in video_feed. */
          comments_count: number
          /**
           * Publication. A video is gone for readers once this or its id is older than
           * retention.
           */
          created_at: string
          /** Since when it is deleted for every reader; its rows and files follow later. */
          deleted_at: string | null
          /** Up to 2000 characters, trimmed, NFC; null when there is none. */
          description: string | null
          /** Since when moderation hides it from everybody; null when shown. */
          hidden_at: string | null
          /** UUIDv7 of the moment of publication: orders the feed and tells the age. */
          id: string
          /** Folded base; exact only together with private.video_deltas, as in video_feed. */
          likes_count: number
          /** A still picture the owner uploaded; null when there is none. */
          thumbnail_url: string | null
          /** Up to 200 characters, trimmed, NFC, one line; null when there is none. */
          title: string | null
          /** Last change of title or description. */
          updated_at: string
          user_id: string
          /** Where to play it; built from the file's path at ImageKit. */
          video_url: string
          /** Folded base; exact only together with private.video_deltas, as in video_feed. */
          views_count: number
        }
        Insert: {
          comments_count?: never
          created_at?: never
          deleted_at?: never
          description?: never
          hidden_at?: never
          id?: never
          likes_count?: never
          thumbnail_url?: never
          title?: never
          updated_at?: never
          user_id?: never
          video_url?: never
          views_count?: never
        }
        Update: {
          comments_count?: never
          created_at?: never
          deleted_at?: never
          description?: string | null
          hidden_at?: never
          id?: never
          likes_count?: never
          thumbnail_url?: never
          title?: string | null
          updated_at?: never
          user_id?: never
          video_url?: never
          views_count?: never
        }
        Relationships: [
          {
            foreignKeyName: "videos_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "user_profiles"
            referencedColumns: ["user_id"]
          },
        ]
      }
    }
    Views: {
      /**
       * The up to 500 videos that trend most at the moment, as in video_feed. Order by
       * rank. It changes every minute: whoever reads page by page calls trending_feed(),
       * which goes on in the ranking the first page was of.
       */
      trending_videos: {
        Row: {
          comments_count: number
          created_at: string
          /** Where the page after this row begins: the "before" of trending_feed(). */
          cursor: string
          description: string | null
          /** From this moment on nobody sees it. */
          expires_at: string
          id: string
          /** Does the caller like it? False for the anonymous. */
          liked_by_me: boolean
          likes_count: number
          /** 1 is what trends most. Numbers are missing where the caller may not see a video. */
          rank: number
          thumbnail_url: string | null
          title: string | null
          user_id: string
          /**
           * {username, avatar, verified} of the owner; username is "Unknown" when there is
           * none.
           */
          users: Owner
          video_url: string
          views_count: number
        }
        Relationships: [
          {
            foreignKeyName: "videos_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "user_profiles"
            referencedColumns: ["user_id"]
          },
        ]
      }
      /**
       * Comments as clients see them, with the writer's card. Ask for one video_id and
       * order by id, newest first.
       */
      video_comment_feed: {
        Row: {
          created_at: string
          id: string
          text: string
          /** {username, avatar} of the writer; username is "Unknown" when there is none. */
          user: Writer
          user_id: string
          video_id: string
        }
        Relationships: [
          {
            foreignKeyName: "video_comments_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "user_profiles"
            referencedColumns: ["user_id"]
          },
          {
            foreignKeyName: "video_comments_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "trending_videos"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "video_comments_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "video_feed"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "video_comments_video_id_fkey"
            columns: ["video_id"]
            isOneToOne: false
            referencedRelation: "videos"
            referencedColumns: ["id"]
          },
        ]
      }
      /**
       * Videos as clients see them: with exact counts (folded base and what is pending,
       * in one snapshot), the owner's card {username, avatar, verified}, whether the
       * caller likes it, and when it expires. Order by id, newest first.
       */
      video_feed: {
        Row: {
          comments_count: number
          created_at: string
          description: string | null
          /** From this moment on nobody sees it. */
          expires_at: string
          id: string
          /** Does the caller like it? False for the anonymous. */
          liked_by_me: boolean
          likes_count: number
          thumbnail_url: string | null
          title: string | null
          user_id: string
          /**
           * {username, avatar, verified} of the owner; username is "Unknown" when there is
           * none.
           */
          users: Owner
          video_url: string
          views_count: number
        }
        Relationships: [
          {
            foreignKeyName: "videos_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "user_profiles"
            referencedColumns: ["user_id"]
          },
        ]
      }
    }
    Functions: {
      /**
       * Comments on a visible video and gives the comment. text: 1 to 1000 characters
       * after trimming, line feeds allowed. request_id: a random uuid of the app's
       * making; asked again with the same one, text and video, it gives the comment it
       * wrote before, as long as that was not deleted. Errors: sign_in_required,
       * suspended, rate_limited, video_not_found, video_expired, comment_empty,
       * comment_too_long, comment_invalid; request_id_reused when the caller wrote
       * another comment with it.
       */
      add_video_comment: {
        Args: {
          request_id?: string | null
          text: string
          video_id: string
        }
        Returns: Database["public"]["Views"]["video_comment_feed"]["Row"]
        SetofOptions: {
          from: "*"
          to: "video_comment_feed"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      /**
       * From now on the caller and this person do not see each other's videos and
       * comments. Again is fine. Errors: sign_in_required, suspended, rate_limited,
       * cannot_block_yourself, user_id_invalid, too_many_blocks.
       */
      block_user: {
        Args: {
          user_id: string
        }
        Returns: undefined
      }
      /**
       * Deletes a video of the caller: gone for everybody at once, its files and rows
       * follow. Asking again is fine. Errors: sign_in_required, suspended, rate_limited;
       * video_not_found, also for anybody else's; video_expired.
       */
      delete_video: {
        Args: {
          video_id: string
        }
        Returns: undefined
      }
      /**
       * Deletes a comment of the caller, or anybody's on a video of the caller. Errors:
       * sign_in_required, suspended, rate_limited, video_not_found, video_expired;
       * comment_not_found, also for comments of others and on other videos.
       */
      delete_video_comment: {
        Args: {
          comment_id: string
          video_id: string
        }
        Returns: undefined
      }
      /**
       * Erases the caller: profile, videos with their files, comments, likes, blocks,
       * reports, uploads; views lose their viewer. Everybody loses sight of all of it at
       * once. True when all is done; false when there is so much that the rest follows
       * within minutes, and what is written until then goes with it. Again is fine. What
       * others keep for their protection stays: their blocks of the caller, and what
       * administrators hold as evidence. It ends no login: a token that is still valid
       * may begin anew, with an empty profile. Errors: sign_in_required, rate_limited.
       */
      erase_me: {
        Args: Record<PropertyKey, never>
        Returns: boolean
      }
      /**
       * All there is about the caller, as one document: {user_id, exported_at, profile,
       * lists, next}. lists holds up to 1000 entries each of videos (with URLs and exact
       * counts), comments, likes, views, uploads, reports, ended_videos and suspensions,
       * all newest first, and blocks. Where there are more, next names the lists that go
       * on: pass it as after until it is null. Errors: sign_in_required, after_invalid.
       */
      export_my_data: {
        Args: {
          after?: Json
        }
        Returns: Json
      }
      /**
       * A page of visible videos, newest first. before: the id of the last video of the
       * page before, null for the first page; page_size: 1 to 50 rows, more is 50. A
       * page shorter than that is the last. Errors: page_size_invalid.
       */
      feed: {
        Args: {
          before?: string | null
          page_size?: number
        }
        Returns: Database["public"]["Views"]["video_feed"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "video_feed"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      /**
       * One visible video. A pure read: it counts no view. Errors: video_not_found when
       * it is unknown, hidden, deleted or too old; video_expired to its owner when it
       * was too old.
       */
      get_video: {
        Args: {
          video_id: string
        }
        Returns: Database["public"]["Views"]["video_feed"]["Row"]
        SetofOptions: {
          from: "*"
          to: "video_feed"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      /**
       * Sets whether the caller likes a video: true or false, however often; null turns
       * it round. Gives {liked, likes_count}, the count being exact. Errors:
       * sign_in_required, suspended, rate_limited, video_not_found, video_expired.
       */
      like_video: {
        Args: {
          liked?: boolean | null
          video_id: string
        }
        Returns: { liked: boolean; likes_count: number }
      }
      /**
       * A page of the visible videos the caller likes, newest videos first. before: the
       * id of the last video of the page before, null for the first page; page_size: 1
       * to 50 rows, more is 50. A page shorter than that is the last. Errors:
       * sign_in_required, page_size_invalid.
       */
      my_likes: {
        Args: {
          before?: string | null
          page_size?: number
        }
        Returns: Database["public"]["Views"]["video_feed"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "video_feed"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      /**
       * The caller's profile; with null name, avatar and dates while there is none.
       * Errors: sign_in_required.
       */
      my_profile: {
        Args: Record<PropertyKey, never>
        Returns: Database["public"]["Tables"]["user_profiles"]["Row"]
        SetofOptions: {
          from: "*"
          to: "user_profiles"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      /**
       * How far the caller's uploads are, newest first: state is issued, uploaded (waits
       * for the media service), published (then with video_id), failed, expired or
       * swept; reason says why one failed. before: the ticket_id of the last one of the
       * page before; page_size: 1 to 50. Errors: sign_in_required, page_size_invalid.
       */
      my_uploads: {
        Args: {
          before?: string | null
          page_size?: number
        }
        Returns: { expires_at: string; issued_at: string; purpose: string; reason: string | null; state: string; ticket_id: string; video_id: string | null }[]
      }
      /**
       * Counts a view of a visible video. The rule: one per viewer, video and half hour
       * (UTC, from :00 and :30); a viewer is a signed-in user, else an address, of which
       * only a hash with a salt of the day is kept; the owner's own views never count.
       * True when it counted. Errors: suspended, rate_limited, video_not_found,
       * video_expired.
       */
      record_view: {
        Args: {
          video_id: string
        }
        Returns: boolean
      }
      /**
       * Complains about a visible video to the administrators; one report per person and
       * video, a second one replaces the reason (1 to 500 characters). Errors:
       * sign_in_required, suspended, rate_limited, video_not_found, video_expired,
       * reason_invalid.
       */
      report_video: {
        Args: {
          reason: string
          video_id: string
        }
        Returns: undefined
      }
      /**
       * A page of the up to 500 visible videos that trend most, ranked once a minute by
       * (views + 4 likes + 8 comments + 1) / (age in hours + 2)^1.5. before: the cursor
       * of the last video of the page before, null for the first page; page_size: 1 to
       * 50 rows, more is 50. A page shorter than that is the last. Pages go on in the
       * ranking of the first one, so nothing comes twice; it is kept for an hour.
       * Errors: cursor_invalid, cursor_expired: begin again without before;
       * page_size_invalid.
       */
      trending_feed: {
        Args: {
          before?: string | null
          page_size?: number
        }
        Returns: Database["public"]["Views"]["trending_videos"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "trending_videos"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      /**
       * Takes a block of the caller back; fine when there is none. Errors:
       * sign_in_required, suspended, rate_limited.
       */
      unblock_user: {
        Args: {
          user_id: string
        }
        Returns: undefined
      }
      /**
       * Changes the caller's profile and gives it. Null keeps a value, "" takes it away.
       * username: 3 to 30 of a-z, 0-9, _ and dot, stored in lower case; avatar: the URL
       * of a file uploaded with an avatar ticket. Errors: sign_in_required, suspended,
       * rate_limited, username_invalid, username_taken, avatar_invalid.
       */
      update_my_profile: {
        Args: {
          avatar?: string | null
          username?: string | null
        }
        Returns: Database["public"]["Tables"]["user_profiles"]["Row"]
        SetofOptions: {
          from: "*"
          to: "user_profiles"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      /**
       * Changes title and description of a video of the caller and gives the video. Null
       * keeps a text, "" takes it away. Errors: sign_in_required, suspended,
       * rate_limited; video_not_found, also for anybody else's; video_expired;
       * title_too_long, title_invalid, description_too_long, description_invalid.
       */
      update_video: {
        Args: {
          description?: string | null
          title?: string | null
          video_id: string
        }
        Returns: Database["public"]["Views"]["video_feed"]["Row"]
        SetofOptions: {
          from: "*"
          to: "video_feed"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      /**
       * A page of one person's visible videos, newest first; empty for people who are
       * unknown or do not meet the caller. user_id: whose; before: the id of the last
       * video of the page before, null for the first page; page_size: 1 to 50 rows, more
       * is 50. A page shorter than that is the last. Errors: page_size_invalid.
       */
      user_videos: {
        Args: {
          before?: string | null
          page_size?: number
          user_id: string
        }
        Returns: Database["public"]["Views"]["video_feed"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "video_feed"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      /**
       * A page of a visible video's comments, newest first. before: the id of the last
       * comment of the page before, null for the newest; page: counts on from there, 1
       * to 1000, but repeats rows while people write; page_size: 1 to 50 rows, more is
       * 50. Errors: video_not_found, video_expired, page_invalid, page_size_invalid.
       */
      video_comments_page: {
        Args: {
          before?: string | null
          page?: number
          page_size?: number
          video_id: string
        }
        Returns: Database["public"]["Views"]["video_comment_feed"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "video_comment_feed"
          isOneToOne: false
          isSetofReturn: true
        }
      }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type Public = Database["public"]

/** A row, as it is read: `Tables<"video_feed">`. */
export type Tables<Name extends keyof (Public["Tables"] & Public["Views"])> =
  (Public["Tables"] & Public["Views"])[Name]["Row"]

/** What an app may insert: `TablesInsert<"video_comments">`. */
export type TablesInsert<Name extends keyof Public["Tables"]> =
  Public["Tables"][Name]["Insert"]

/** What an app may update: `TablesUpdate<"videos">`. */
export type TablesUpdate<Name extends keyof Public["Tables"]> =
  Public["Tables"][Name]["Update"]

export type Enums<Name extends keyof Public["Enums"]> = Public["Enums"][Name]
